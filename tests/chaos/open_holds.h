#ifndef BUDGET_TESTS_CHAOS_OPEN_HOLDS_H_
#define BUDGET_TESTS_CHAOS_OPEN_HOLDS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tests/chaos/history.h"
#include "tests/chaos/ledger.h"

namespace budget::chaos {

// The reservations of a root that are open after an entry of its ledger, what
// they hold, and when they were said to expire. Not thread-safe.
class OpenHolds {
 public:
  // `calls` are of this root alone.
  explicit OpenHolds(const std::vector<Call>& calls);

  // Takes the next entry.
  void Follow(const Entry& entry);

  // nullopt: it is not open.
  std::optional<Units> HeldBy(const Uuid& id) const;

  // What is held in a limit and is past its time, though no entry says so, and
  // what may be.
  struct Due {
    int64_t surely = 0;
    int64_t perhaps = 0;
  };
  // `counter.window` matters where those of the limit are apart.
  Due DueOf(const Pin& counter, const LimitInfo& limit, int64_t micros) const;

 private:
  static constexpr int64_t kUntold = std::numeric_limits<int64_t>::max();
  struct Hold {
    int64_t expires_micros = 0;  // kUntold: no answer said so
    std::vector<Pin> pins;
    Units reserved = {};
  };

  absl::flat_hash_map<Uuid, int64_t> expires_micros_;
  absl::flat_hash_map<Uuid, Hold> holds_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_OPEN_HOLDS_H_
