#ifndef BUDGET_RPC_FAIR_QUEUE_H_
#define BUDGET_RPC_FAIR_QUEUE_H_

#include <cstddef>
#include <deque>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "server/lane/dispatcher.h"
#include "server/lane/shares.h"

namespace budget {

// Tasks of callers: theirs come one by one in turn, each caller's in order. Not
// thread-safe.
class FairQueue {
 public:
  using Task = absl::AnyInvocable<void()>;

  // So many may wait, of each caller in equal parts (Shares::HasRoom).
  explicit FairQueue(size_t tasks_max) : tasks_max_(tasks_max) {}

  // False if there is no room for more of this caller.
  bool Push(CallerId caller, Task task);

  bool empty() const { return turns_.empty(); }

  // The next one; there must be one.
  Task Pop();

 private:
  const size_t tasks_max_;
  Shares shares_;
  absl::flat_hash_map<CallerId, std::deque<Task>> tasks_;  // of who has any
  std::deque<CallerId> turns_;                             // the same callers
};

}  // namespace budget

#endif  // BUDGET_RPC_FAIR_QUEUE_H_
