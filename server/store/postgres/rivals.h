#ifndef BUDGET_STORE_POSTGRES_RIVALS_H_
#define BUDGET_STORE_POSTGRES_RIVALS_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "server/store/postgres/postgres_store.h"

namespace budget {

// In which lanes other replicas were met lately: a transaction had to wait for
// the lock. Times are the replica's. Thread-safe, without a lock.
class Rivals {
 public:
  // A transaction waited for its lane for so long, by the database clock.
  void Note(int lane, absl::Duration waited, absl::Time now);

  bool MetLately(int lane, absl::Time now) const;

 private:
  std::array<std::atomic<int64_t>, kLanes> until_nanos_{};
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_RIVALS_H_
