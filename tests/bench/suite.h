#ifndef BUDGET_TESTS_BENCH_SUITE_H_
#define BUDGET_TESTS_BENCH_SUITE_H_

#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "tests/bench/figures.h"
#include "tests/bench/scenario.h"

namespace budget::bench {

struct SuiteOptions {
  Mode mode = Mode::kFull;
  std::string budgetd;
  std::string bench;    // this program
  std::string only;     // scenarios whose names contain one of these, which
                        // commas separate; empty: all
};

// Measures everything, in rounds that each measure every figure once, so that
// a noisy neighbour hits all alike. A scenario that fails is told on standard
// error and not run again; the others go on, and its status is returned after
// them. CANCELLED once `stop` is true. What was measured is in `figures`.
absl::Status RunSuite(const SuiteOptions& options,
                      const std::atomic<bool>& stop, Figures& figures);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_SUITE_H_
