#ifndef BUDGET_TESTS_CHAOS_REPORT_H_
#define BUDGET_TESTS_CHAOS_REPORT_H_

#include <string>

#include "tests/chaos/run.h"

namespace budget::chaos {

// Each fault and how often, each invariant and its verdict.
std::string ToText(const RunOptions& options, const RunResult& result);

// chaos.json: operations, faults by name, violations by invariant,
// unknown_resolved, and what else README.md lists.
std::string ToJson(const RunOptions& options, const RunResult& result);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_REPORT_H_
