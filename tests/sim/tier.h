#ifndef BUDGET_TESTS_SIM_TIER_H_
#define BUDGET_TESTS_SIM_TIER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/sim/totals.h"

namespace budget::sim {

// A run that is large enough to say something of the whole.
struct Tier {
  int64_t operations_min = 0;  // of callers, in all seeds
  int64_t seeds = 0;           // so many that these are reached
};

// "ci" and "long"; nullopt: there is none of that name.
std::optional<Tier> TierNamed(absl::string_view name);

// What a run owes its tier, a line for each: operations, and faults that never
// happened. Empty if nothing.
std::vector<std::string> MissingFrom(const Totals& totals, const Tier& tier);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_TIER_H_
