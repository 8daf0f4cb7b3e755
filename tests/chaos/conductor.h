#ifndef BUDGET_TESTS_CHAOS_CONDUCTOR_H_
#define BUDGET_TESTS_CHAOS_CONDUCTOR_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tests/chaos/faults.h"
#include "tests/chaos/history.h"
#include "tests/chaos/pulse.h"
#include "tests/chaos/stage.h"
#include "tests/chaos/verdicts.h"
#include "tests/chaos/weather.h"

namespace budget::chaos {

// What was done to the service.
struct Log {
  std::map<std::string, int> faults;  // by name
  std::map<std::string, absl::Duration> slowest_recovery;  // by fault
  std::vector<Trouble> troubles;
  int64_t micros_at_zero = 0;  // of the steady clock
  // When what was visible may have been lost.
  std::vector<std::pair<Nanos, Nanos>> forgetful;
  std::map<std::string, std::string> not_done;  // faults that could not be: why
};

// Breaks one thing after another until `end`, and at least until each fault was
// used: every fault once, in an order that the stage's seed decides, then all
// over again. After each the service has ten seconds to recover, and after
// every few it is left alone, for what must hold only while nothing is broken.
// Stops where a fault cannot be healed.
absl::Status Conduct(Stage& stage, const std::vector<Fault>& faults,
                     absl::Time end, const Pulse& pulse, Verdicts& verdicts,
                     Log& log);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_CONDUCTOR_H_
