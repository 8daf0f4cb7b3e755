#ifndef BUDGET_TESTS_BENCH_FIGURES_H_
#define BUDGET_TESTS_BENCH_FIGURES_H_

#include <map>
#include <string>
#include <vector>

#include "tests/bench/load_result.h"

namespace budget::bench {

// What one round measured of one figure.
struct Sample {
  double value = 0;
  std::map<std::string, double> details;  // more about it, by name
  std::map<std::string, int64_t> errors;  // that callers saw, by gRPC code
  int64_t denied = 0;
};

// Throughput with latencies, as a sample of operations/s.
Sample SampleOf(const LoadResult& result);

struct Figure {
  std::string unit;
  std::vector<Sample> samples;  // one for each round, in order
};

// Everything that was measured, by name.
class Figures {
 public:
  void Add(const std::string& name, const std::string& unit, Sample sample);

  // The values of a figure, one for each round; none if it was not measured.
  std::vector<double> Values(const std::string& name) const;
  // The same of a detail; 0 where a sample lacks it.
  std::vector<double> Details(const std::string& name,
                              const std::string& detail) const;

  const std::map<std::string, Figure>& all() const { return figures_; }

 private:
  std::map<std::string, Figure> figures_;
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_FIGURES_H_
