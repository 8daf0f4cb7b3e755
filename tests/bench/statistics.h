#ifndef BUDGET_TESTS_BENCH_STATISTICS_H_
#define BUDGET_TESTS_BENCH_STATISTICS_H_

#include <vector>

#include "absl/types/span.h"

namespace budget::bench {

// What several rounds measured, in short.
struct Summary {
  double median = 0;
  double min = 0;
  double max = 0;
};

// The middle value, or the mean of the two in the middle; 0 for none.
double Median(absl::Span<const double> values);

Summary Summarize(absl::Span<const double> values);

// a[i] / b[i] for each round that has both; a divisor of 0 gives 0.
std::vector<double> Quotients(absl::Span<const double> a,
                              absl::Span<const double> b);

// The series with the largest median. One choice for all rounds: the largest
// of each round would be larger the more series there are.
std::vector<double> BestOf(absl::Span<const std::vector<double>> series);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_STATISTICS_H_
