#include "deploy/replay/schedule.h"

#include "absl/time/clock.h"

namespace budget::replay {

void Schedule::Add(absl::Time due, Step step) {
  absl::MutexLock lock(&mutex_);
  entries_.push({due, added_++, std::move(step)});
  timekeeper_.Signal();
  if (!time_is_kept_) idle_.Signal();
}

void Schedule::Work(int thread) {
  while (std::optional<Step> step = Take()) {
    (*step)(thread);
    absl::MutexLock lock(&mutex_);
    --running_;
  }
  absl::MutexLock lock(&mutex_);
  idle_.SignalAll();
  timekeeper_.SignalAll();
  done_.SignalAll();
}

// One thread waits for the clock and the others for a signal, so that a due
// step wakes one thread, not all.
std::optional<Schedule::Step> Schedule::Take() {
  absl::MutexLock lock(&mutex_);
  while (!Done()) {
    if (!entries_.empty() && entries_.top().due <= absl::Now()) {
      Step step = entries_.top().step;
      entries_.pop();
      ++running_;
      idle_.Signal();
      return step;
    }
    if (entries_.empty() || time_is_kept_) {
      idle_.Wait(&mutex_);
      continue;
    }
    time_is_kept_ = true;
    timekeeper_.WaitWithDeadline(&mutex_, entries_.top().due);
    time_is_kept_ = false;
  }
  return std::nullopt;
}

void Schedule::Stop() {
  absl::MutexLock lock(&mutex_);
  entries_ = {};
  idle_.SignalAll();
  timekeeper_.SignalAll();
}

bool Schedule::WaitUntilDone(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const absl::Time deadline = absl::Now() + timeout;
  while (!Done() && absl::Now() < deadline) {
    done_.WaitWithDeadline(&mutex_, deadline);
  }
  return Done();
}

}  // namespace budget::replay
