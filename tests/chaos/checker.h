#ifndef BUDGET_TESTS_CHAOS_CHECKER_H_
#define BUDGET_TESTS_CHAOS_CHECKER_H_

#include <string>
#include <vector>

#include "tests/chaos/expiry.h"
#include "tests/chaos/history.h"
#include "tests/chaos/ledger.h"
#include "tests/chaos/verdicts.h"
#include "tests/chaos/witness.h"

namespace budget::chaos {

// All that is known of one root after a run.
struct Evidence {
  std::string root;
  std::vector<Call> calls;
  std::vector<Read> reads;
  std::vector<Entry> entries;  // in the order of the ledger
  std::vector<StoredCounter> counters;
  Limits limits;
  Witness::LimitsOfTarget limits_of_target;
  std::vector<Trouble> troubles;
};

// Checks every invariant that a history can show.
void CheckRoot(const Evidence& evidence, Verdicts& verdicts);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_CHECKER_H_
