#ifndef BUDGET_STORE_POSTGRES_ACKNOWLEDGED_H_
#define BUDGET_STORE_POSTGRES_ACKNOWLEDGED_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/domain/ledger_fold.h"
#include "server/domain/working_set.h"
#include "server/store/postgres/session.h"

namespace budget {

// The last entry of each root that this replica has committed. A standby that
// followed asynchronously, or a backup that was restored, agrees with itself
// and still lacks what was acknowledged: only who remembers it can tell. Kept
// for as long as the process lives. Thread-safe.
class Acknowledged {
 public:
  // `log` receives a line where something is lost.
  explicit Acknowledged(std::function<void(absl::string_view)> log)
      : log_(std::move(log)) {}

  // To be called when the changes of `set` are committed.
  void Note(const WorkingSet& set);

  // Looks whether the server has what was noted: on each new connection, before
  // anything is written on it. Returns whether it is on another timeline than
  // the last one was: connections of before may be to another server. Throws
  // as Session does.
  bool Check(Session& session);

  // What Verify has to find in the ledger of `root`: the last entry, and what
  // was found to be lost.
  std::vector<ExpectedEntry> Of(absl::string_view root) const;

 private:
  struct Head {
    int64_t sequence = 0;
    absl::Time at;

    friend bool operator==(const Head&, const Head&) = default;
  };

  // Where the server is in its history; timeline 0 where it cannot be asked.
  struct Position {
    int64_t timeline = 0;
    std::string lsn;
  };
  // A head that the server does not have, and where its ledger ends.
  struct Loss {
    std::string root;
    Head head;
    int64_t last_sequence = 0;
  };

  static Position ReadPosition(Session& session);
  std::vector<Loss> FindLosses(Session& session) const;
  // Whether the timeline is another one.
  bool Take(const Position& position) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Take(const Loss& loss) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::function<void(absl::string_view)> log_;
  mutable absl::Mutex mutex_;
  int64_t timeline_ ABSL_GUARDED_BY(mutex_) = 0;  // 0: not known
  absl::flat_hash_map<std::string, Head> heads_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::vector<Head>> lost_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_ACKNOWLEDGED_H_
