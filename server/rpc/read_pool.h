#ifndef BUDGET_RPC_READ_POOL_H_
#define BUDGET_RPC_READ_POOL_H_

#include <cstddef>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "server/lane/turn_queue.h"

namespace budget {

struct ReadPoolOptions {
  int threads = 4;
  // How many wait at most, of each caller in equal parts (Shares::HasRoom): of
  // the short reads, and of the long ones.
  int queue_max = 1000;
  int long_queue_max = 8;
};

// What a read takes, as far as the others care.
enum class ReadLength {
  kShort,
  kLong,  // seconds, perhaps: one at a time, so that the others go on
};

// Threads for reads, which wait for the database and so must not run on
// gRPC's threads. Callers are served in turn. Thread-safe.
class ReadPool {
 public:
  using Task = absl::AnyInvocable<void()>;

  explicit ReadPool(const ReadPoolOptions& options);

  // Runs what was accepted, then stops.
  ~ReadPool();

  // Runs `task` on one of the threads; false, without running it, if too many
  // of its length and caller are waiting.
  bool Submit(ReadLength length, CallerId caller, Task task);

 private:
  struct Queue {
    const size_t tasks_max;
    TurnQueue<Task> tasks;
  };

  void Loop();
  // The queue of the next task; null: there is none that may run now.
  Queue* Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  Queue short_ ABSL_GUARDED_BY(mutex_);
  Queue long_ ABSL_GUARDED_BY(mutex_);
  bool long_runs_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace budget

#endif  // BUDGET_RPC_READ_POOL_H_
