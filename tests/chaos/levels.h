#ifndef BUDGET_TESTS_CHAOS_LEVELS_H_
#define BUDGET_TESTS_CHAOS_LEVELS_H_

#include "tests/chaos/checker.h"
#include "tests/chaos/verdicts.h"

namespace budget::chaos {

// Checks that all that moves a reservation, or records usage, counts in every
// limit that its allocations are under, and in no other: what is not counted
// passes no cap, whatever it comes to.
void CheckLevels(const Evidence& evidence, const Weather& weather,
                 Verdicts& verdicts);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_LEVELS_H_
