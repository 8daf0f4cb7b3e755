#ifndef BUDGET_TESTS_CHAOS_CHECKER_H_
#define BUDGET_TESTS_CHAOS_CHECKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/chaos/history.h"
#include "tests/chaos/ledger.h"
#include "tests/chaos/verdicts.h"
#include "tests/chaos/weather.h"
#include "tests/chaos/witness.h"

namespace budget::chaos {

// All that is known of one root after a run.
struct Evidence {
  std::string root;
  std::vector<Call> calls;
  std::vector<Read> reads;
  std::vector<Entry> entries;  // in the order of the ledger
  int64_t setup_entries = 0;   // which of them were there before all calls
  std::vector<StoredCounter> counters;
  Limits limits;
  Witness::LimitsOfTarget limits_of_target;
  std::vector<Trouble> troubles;
  int64_t micros_at_zero = 0;  // of the steady clock of calls
  int64_t open = 0;  // reservations, when all should have ended
};

// Checks every invariant that the history of one root can show.
void CheckRoot(const Evidence& evidence, Verdicts& verdicts);

// Checks that every call of gateways was answered, as it must be where their
// clients repeat it. A budget's no is an answer; administrators are not meant.
void CheckAnswered(const std::vector<Call>& calls, Verdicts& verdicts);

// Checks that of the calls whose outcome was unknown none is `left`.
void CheckResolved(int64_t left, Verdicts& verdicts);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_CHECKER_H_
