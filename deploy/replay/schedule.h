#ifndef BUDGET_REPLAY_SCHEDULE_H_
#define BUDGET_REPLAY_SCHEDULE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace budget::replay {

// Steps with due times, taken by several threads in order of time. A step may
// add later steps; the schedule ends when none is left and none is running.
class Schedule {
 public:
  using Step = std::function<void(int thread)>;

  void Add(absl::Time due, Step step) ABSL_LOCKS_EXCLUDED(mutex_);

  // Runs steps when they are due until the end, or until Stop.
  void Work(int thread) ABSL_LOCKS_EXCLUDED(mutex_);

  // Drops what has not begun.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether Work has nothing left to do.
  bool WaitUntilDone(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    absl::Time due;
    uint64_t order;
    Step step;
    bool operator<(const Entry& other) const {
      return std::pair(other.due, other.order) < std::pair(due, order);
    }
  };

  std::optional<Step> Take() ABSL_LOCKS_EXCLUDED(mutex_);
  bool Done() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return entries_.empty() && running_ == 0;
  }

  absl::Mutex mutex_;
  absl::CondVar idle_;        // threads without a step
  absl::CondVar timekeeper_;  // the one that waits for the first due time
  absl::CondVar done_;
  std::priority_queue<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  uint64_t added_ ABSL_GUARDED_BY(mutex_) = 0;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  bool time_is_kept_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_SCHEDULE_H_
