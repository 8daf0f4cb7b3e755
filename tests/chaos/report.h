#ifndef BUDGET_TESTS_CHAOS_REPORT_H_
#define BUDGET_TESTS_CHAOS_REPORT_H_

#include <string>
#include <vector>

#include "tests/chaos/run.h"

namespace budget::chaos {

// Each fault and how often, each invariant and its verdict.
std::string ToText(const RunOptions& options, const RunResult& result);

// chaos.json: operations, faults by name, violations by invariant,
// unknown_resolved, and what else README.md lists.
std::string ToJson(const RunOptions& options, const RunResult& result);

// What a run should have shown and did not: a fault of those it uses that never
// happened; from three minutes on, an invariant that was never checked; and, in
// such a run of all faults, one that could not be made here, 30 faults and
// 50,000 operations. Empty for upgrades.
std::vector<std::string> NotShown(const RunOptions& options,
                                  const RunResult& result);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_REPORT_H_
