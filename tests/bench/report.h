#ifndef BUDGET_TESTS_BENCH_REPORT_H_
#define BUDGET_TESTS_BENCH_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "tests/bench/figures.h"
#include "tests/bench/machine.h"
#include "tests/bench/scenario.h"

namespace budget::bench {

// What a run hands over.
struct Report {
  Figures figures;
  Machine machine;
  Mode mode = Mode::kFull;
  bool complete = false;  // nothing failed, every ratio was measured
};

// Two tables for people: ratios with goal and verdict, and every figure.
std::string ToText(const Report& report);

// bench.json: README.md describes it.
std::string ToJson(const Report& report);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_REPORT_H_
