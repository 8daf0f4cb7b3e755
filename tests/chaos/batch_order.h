#ifndef BUDGET_TESTS_CHAOS_BATCH_ORDER_H_
#define BUDGET_TESTS_CHAOS_BATCH_ORDER_H_

#include "tests/chaos/checker.h"
#include "tests/chaos/verdicts.h"

namespace budget::chaos {

// Checks that the calls of each Batch ran in its order: the entries that they
// say they made have rising numbers.
void CheckBatches(const Evidence& evidence, const Weather& weather,
                  Verdicts& verdicts);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_BATCH_ORDER_H_
