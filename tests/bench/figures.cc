#include "tests/bench/figures.h"

#include <utility>

namespace budget::bench {

Sample SampleOf(const LoadResult& result) {
  Sample sample{.value = result.OperationsPerSecond(),
                .errors = result.counts.errors,
                .denied = result.counts.denied};
  const auto milliseconds = [&](double percent) {
    return absl::ToDoubleMilliseconds(result.latency.Percentile(percent));
  };
  sample.details["p50_ms"] = milliseconds(50);
  sample.details["p99_ms"] = milliseconds(99);
  sample.details["p99_9_ms"] = milliseconds(99.9);
  return sample;
}

void Figures::Add(const std::string& name, const std::string& unit,
                  Sample sample) {
  Figure& figure = figures_[name];
  figure.unit = unit;
  figure.samples.push_back(std::move(sample));
}

std::vector<double> Figures::Values(const std::string& name) const {
  std::vector<double> values;
  const auto found = figures_.find(name);
  if (found == figures_.end()) return values;
  for (const Sample& sample : found->second.samples) {
    values.push_back(sample.value);
  }
  return values;
}

std::vector<double> Figures::Details(const std::string& name,
                                     const std::string& detail) const {
  std::vector<double> values;
  const auto found = figures_.find(name);
  if (found == figures_.end()) return values;
  for (const Sample& sample : found->second.samples) {
    const auto at = sample.details.find(detail);
    values.push_back(at == sample.details.end() ? 0 : at->second);
  }
  return values;
}

}  // namespace budget::bench
