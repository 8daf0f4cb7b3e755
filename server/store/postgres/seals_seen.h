#ifndef BUDGET_STORE_POSTGRES_SEALS_SEEN_H_
#define BUDGET_STORE_POSTGRES_SEALS_SEEN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/domain/ledger_seal.h"

namespace budget {

// The last seal of each root that this replica has made or met. Seals are only
// ever added, so one that was seen and is gone was taken away past the service:
// a ledger that was changed and sealed anew agrees with itself, and only who
// remembers can tell. Kept for as long as the process lives, of up to 100,000
// roots. Thread-safe.
class SealsSeen {
 public:
  struct Seen {
    int64_t first = 0;  // the number of the seal's first entry
    ChainHead head;     // the chain after its last

    friend bool operator==(const Seen&, const Seen&) = default;
  };

  void Note(absl::string_view root, const Seen& seen);

  std::optional<Seen> Of(absl::string_view root) const;

  // The history is another one now: a standby was promoted, or a backup
  // restored. What is lost by that, Acknowledged finds.
  void Forget();

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Seen> seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_SEALS_SEEN_H_
