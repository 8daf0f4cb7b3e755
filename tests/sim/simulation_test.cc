#include "tests/sim/simulation.h"

#include <gtest/gtest.h>

#include "tests/sim/report.h"
#include "tests/sim/totals.h"

namespace budget::sim {
namespace {

constexpr int64_t kOperations = 1500;
constexpr uint64_t kSeeds = 40;

// Runs some seeds; each must hold, and together they must meet every fault and
// check every invariant: what no seed meets is tested by none.
TEST(SimulationTest, EveryInvariantHoldsUnderEveryFault) {
  Totals totals;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const SeedResult result =
        RunSeed({.seed = seed, .operations = kOperations});
    const auto& breach = result.verdicts.breach();
    ASSERT_FALSE(breach.has_value())
        << InvariantName(breach->invariant) << "\nreplay with:\n  "
        << ReplayOf(seed, {.operations = kOperations}) << "\n"
        << breach->detail;
    totals += TotalsOf(result);
  }
  for (size_t i = 0; i < kFaultKinds; ++i) {
    EXPECT_GT(totals.faults[i], 0) << FaultName(static_cast<FaultKind>(i));
  }
  for (size_t i = 0; i < kInvariants; ++i) {
    EXPECT_GT(totals.checks[i], 0) << InvariantName(static_cast<Invariant>(i));
  }
  EXPECT_GE(totals.operations, static_cast<int64_t>(kSeeds) * kOperations);
}

// One replica with one worker takes one operation at a time and sends each
// answer through a slow network: whoever asks it for more than that in calm
// waits for ever.
TEST(SimulationTest, TheSlowestSystemCanDoWhatItIsAskedInCalm) {
  const SeedResult result =
      RunSeed({.seed = 25'679'908, .operations = kOperations});
  const auto& breach = result.verdicts.breach();
  EXPECT_FALSE(breach.has_value()) << breach->detail;
}

TEST(SimulationTest, TheSameSeedIsTheSameRun) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const SeedResult first = RunSeed({.seed = seed, .operations = kOperations});
    const SeedResult again = RunSeed(
        {.seed = seed, .operations = kOperations, .trace = true});
    EXPECT_EQ(first.hash, again.hash) << "seed " << seed;
    EXPECT_EQ(first.operations, again.operations);
  }
}

TEST(SimulationTest, AnotherSeedIsAnotherRun) {
  EXPECT_NE(RunSeed({.seed = 1, .operations = kOperations}).hash,
            RunSeed({.seed = 2, .operations = kOperations}).hash);
}

}  // namespace
}  // namespace budget::sim
