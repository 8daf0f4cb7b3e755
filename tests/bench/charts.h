#ifndef BUDGET_TESTS_BENCH_CHARTS_H_
#define BUDGET_TESTS_BENCH_CHARTS_H_

#include <string>

#include "absl/status/status.h"
#include "tests/bench/figures.h"

namespace budget::bench {

// Draws what was measured with gnuplot: throughput by callers, throughput by
// batch size, latency by rate, and ratios to their goals, as SVG files in
// `directory`, beside the data files they were drawn from.
absl::Status DrawCharts(const Figures& figures, const std::string& directory);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_CHARTS_H_
