#include "tests/bench/statistics.h"

#include <algorithm>

namespace budget::bench {

double Median(absl::Span<const double> values) {
  if (values.empty()) return 0;
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const size_t middle = sorted.size() / 2;
  if (sorted.size() % 2 == 1) return sorted[middle];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}

Summary Summarize(absl::Span<const double> values) {
  if (values.empty()) return {};
  return {.median = Median(values),
          .min = *std::min_element(values.begin(), values.end()),
          .max = *std::max_element(values.begin(), values.end())};
}

std::vector<double> Quotients(absl::Span<const double> a,
                              absl::Span<const double> b) {
  std::vector<double> quotients;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    quotients.push_back(b[i] == 0 ? 0 : a[i] / b[i]);
  }
  return quotients;
}

std::vector<double> BestOf(absl::Span<const std::vector<double>> series) {
  const auto best = std::max_element(
      series.begin(), series.end(), [](const auto& one, const auto& other) {
        return Median(one) < Median(other);
      });
  return best == series.end() ? std::vector<double>() : *best;
}

}  // namespace budget::bench
