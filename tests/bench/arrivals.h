#ifndef BUDGET_TESTS_BENCH_ARRIVALS_H_
#define BUDGET_TESTS_BENCH_ARRIVALS_H_

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "absl/time/time.h"

namespace budget::bench {

// A stretch of time with so many arrivals per second on average.
struct Phase {
  double rate = 0;
  absl::Duration duration;
};

// When operations arrive, counted from the start: by chance, each independent
// of the others (Poisson), the same ones for the same seed.
class Arrivals {
 public:
  Arrivals(std::vector<Phase> phases, uint64_t seed);

  // The next arrival; nullopt after the last phase.
  std::optional<absl::Duration> Next();

  absl::Duration length() const;

 private:
  std::vector<Phase> phases_;
  std::mt19937_64 random_;
  size_t phase_ = 0;
  absl::Duration phase_begin_;
  absl::Duration at_;
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_ARRIVALS_H_
