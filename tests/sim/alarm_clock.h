#ifndef BUDGET_TESTS_SIM_ALARM_CLOCK_H_
#define BUDGET_TESTS_SIM_ALARM_CLOCK_H_

#include <string>

#include "absl/time/time.h"

namespace budget::sim {

// Ends the process with SIGALRM if it is still there after `patience`, by the
// wall clock. What never comes back from one event has no others that could be
// counted. One at a time.
class AlarmClock {
 public:
  explicit AlarmClock(absl::Duration patience);
  ~AlarmClock();
  AlarmClock(const AlarmClock&) = delete;
  AlarmClock& operator=(const AlarmClock&) = delete;
};

// From now on the process ends with 1 instead, and says `last_words`.
void OnAlarmSay(std::string last_words);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_ALARM_CLOCK_H_
