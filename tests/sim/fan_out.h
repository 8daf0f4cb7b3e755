#ifndef BUDGET_TESTS_SIM_FAN_OUT_H_
#define BUDGET_TESTS_SIM_FAN_OUT_H_

#include <cstdint>
#include <functional>

#include "tests/sim/totals.h"

namespace budget::sim {

// Which seeds are run, by how many processes.
struct FanOut {
  uint64_t first = 1;
  int64_t seeds = 1;
  int64_t operations = 5000;  // of each seed
  int jobs = 1;
};

// What is told of each seed: what came of it, or that its process died.
struct SeedNews {
  uint64_t seed = 0;
  bool died = false;
  Totals totals;
};

// Runs the seeds in processes of their own, each `jobs`-th in one. A seed that
// brings its process down is told like one that breaks an invariant; the
// others go on. `on_seed` is called in this process, in the order in which
// seeds end.
void RunSeeds(const FanOut& fan_out,
              const std::function<void(const SeedNews&)>& on_seed);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_FAN_OUT_H_
