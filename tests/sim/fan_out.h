#ifndef BUDGET_TESTS_SIM_FAN_OUT_H_
#define BUDGET_TESTS_SIM_FAN_OUT_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/time/time.h"
#include "tests/sim/planted_bug.h"
#include "tests/sim/simulation.h"
#include "tests/sim/totals.h"

namespace budget::sim {

// Which seeds are run, by how many processes.
struct FanOut {
  uint64_t first = 1;
  int64_t seeds = 1;
  int64_t operations = 5000;  // of each seed
  int jobs = 1;
  std::optional<Bug> planted;
  // With each seed, by the wall clock, beside 10 ms for each operation: then
  // it is taken for one that never ends. Most take less than a second in all.
  absl::Duration patience = absl::Minutes(1);
};

SeedOptions OptionsOf(uint64_t seed, const FanOut& fan_out);
absl::Duration PatienceWith(const FanOut& fan_out);

// What is told of each seed: what came of it, or that its process died.
struct SeedNews {
  uint64_t seed = 0;
  bool died = false;
  Totals totals;
};

// Runs the seeds in processes of their own, each `jobs`-th in one. A seed that
// brings its process down is told like one that breaks an invariant, and one
// that tries patience as one that breaks `ends`; the other processes go on,
// but what its own had still to run is not run. `on_seed` is called in this
// process, in the order in which seeds end.
void RunSeeds(const FanOut& fan_out,
              const std::function<void(const SeedNews&)>& on_seed);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_FAN_OUT_H_
