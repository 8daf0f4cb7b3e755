#ifndef BUDGET_BASE_CLOCK_H_
#define BUDGET_BASE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace budget {

// The replica's own clock. It times waits, deadlines and log lines; what money
// depends on reads the database clock instead. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
  virtual void Sleep(absl::Duration duration) = 0;
};

// The system clock. Lives for ever.
Clock& SystemClock();

}  // namespace budget

#endif  // BUDGET_BASE_CLOCK_H_
