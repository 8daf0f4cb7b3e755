#ifndef BUDGET_LANE_LATER_H_
#define BUDGET_LANE_LATER_H_

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace budget {

// Runs each task once, some time from now, on one thread of its own. Goes by a
// clock that nobody sets. Thread-safe.
class Later {
 public:
  using Task = absl::AnyInvocable<void()>;

  Later() : thread_([this] { Loop(); }) {}
  // Runs what is left, and returns when it has.
  ~Later();

  void After(absl::Duration wait, Task task);

  // Nothing waits any more: what is there runs now, and what comes, at once.
  void Hurry();

 private:
  using Clock = std::chrono::steady_clock;

  void Loop();

  std::mutex mutex_;  // of what follows; absl's waits go by the time of day
  std::condition_variable changed_;
  std::multimap<Clock::time_point, Task> tasks_;
  bool hurrying_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace budget

#endif  // BUDGET_LANE_LATER_H_
