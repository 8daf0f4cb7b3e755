#ifndef BUDGET_RPC_READ_POOL_H_
#define BUDGET_RPC_READ_POOL_H_

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace budget {

// Threads for reads, which wait for the database and so must not run on
// gRPC's threads. Thread-safe.
class ReadPool {
 public:
  using Task = absl::AnyInvocable<void()>;

  // Starts `threads` threads; at most `queue_max` tasks wait.
  ReadPool(int threads, int queue_max);

  // Runs what was accepted, then stops.
  ~ReadPool();

  // Runs `task` on one of the threads; false, without running it, if too many
  // are waiting.
  bool Submit(Task task);

 private:
  void Loop();

  const size_t queue_max_;
  absl::Mutex mutex_;
  std::deque<Task> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace budget

#endif  // BUDGET_RPC_READ_POOL_H_
