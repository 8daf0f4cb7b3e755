#ifndef BUDGET_TESTS_SIM_REPORT_H_
#define BUDGET_TESTS_SIM_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/fan_out.h"
#include "tests/sim/totals.h"

namespace budget::sim {

// What a run of many seeds has found.
struct Report {
  Totals totals;
  std::vector<uint64_t> failed_seeds;
  double seconds = 0;  // of the wall clock
};

// Tables for people: operations, faults by name, replies by reason, checks by
// invariant.
std::string TableOf(const Report& report);

std::string JsonOf(const Report& report);

// The one command that runs a seed again, as it was.
std::string ReplayOf(uint64_t seed, const FanOut& fan_out);

// A line that says how far a run has come.
std::string ProgressOf(const Report& report, int64_t seeds);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_REPORT_H_
