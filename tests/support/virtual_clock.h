#ifndef BUDGET_TESTS_SUPPORT_VIRTUAL_CLOCK_H_
#define BUDGET_TESTS_SUPPORT_VIRTUAL_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/base/clock.h"

namespace budget::testing {

// A clock that stands still until it is told otherwise. Thread-safe.
class VirtualClock final : public Clock {
 public:
  absl::Time Now() const override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Sleep(absl::Duration duration) override { Advance(duration); }
  void Advance(absl::Duration duration) {
    absl::MutexLock lock(&mutex_);
    now_ += duration;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) =
      absl::FromCivil(absl::CivilSecond(2026, 11, 21, 10), absl::UTCTimeZone());
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_SUPPORT_VIRTUAL_CLOCK_H_
