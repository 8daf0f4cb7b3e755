#ifndef BUDGET_LANE_PERIODIC_H_
#define BUDGET_LANE_PERIODIC_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace budget {

// Runs a task on a thread of its own, again and again with a pause between,
// until destroyed; then waits for the run under way. Thread-safe.
class Periodic {
 public:
  Periodic(absl::Duration pause, std::function<void()> task);
  ~Periodic();

 private:
  void Loop(absl::Duration pause, const std::function<void()>& task);

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace budget

#endif  // BUDGET_LANE_PERIODIC_H_
