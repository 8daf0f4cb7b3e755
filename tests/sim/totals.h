#ifndef BUDGET_TESTS_SIM_TOTALS_H_
#define BUDGET_TESTS_SIM_TOTALS_H_

#include <array>
#include <cstdint>

#include "server/domain/reason.h"
#include "tests/sim/faults.h"
#include "tests/sim/simulation.h"
#include "tests/sim/verdicts.h"

namespace budget::sim {

inline constexpr size_t kReasons =
    static_cast<size_t>(Reason::kInvariantBroken) + 1;

// What many seeds come to. Plain numbers, so that processes can hand them over
// as they are.
struct Totals {
  int64_t seeds = 0;
  int64_t operations = 0;
  int64_t transactions = 0;
  int64_t entries = 0;
  int64_t virtual_seconds = 0;
  int64_t answered_ok = 0;
  int64_t after_healing = 0;
  int64_t after_healing_late = 0;
  uint64_t hash = 0;  // of all seeds, in any order
  std::array<int64_t, kReasons> refused{};
  std::array<int64_t, kFaultKinds> faults{};
  std::array<int64_t, kInvariants> checks{};
  std::array<int64_t, kInvariants> breaches{};

  Totals& operator+=(const Totals& other);
};

Totals TotalsOf(const SeedResult& result);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_TOTALS_H_
