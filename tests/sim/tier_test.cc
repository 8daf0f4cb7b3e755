#include "tests/sim/tier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace budget::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Tier kTier = {.operations_min = 1000};

Totals Enough() {
  Totals totals{.operations = 1000};
  totals.faults.fill(1);
  return totals;
}

TEST(TierTest, ARunThatIsLargeEnoughAndMetEveryFaultOwesNothing) {
  EXPECT_THAT(MissingFrom(Enough(), kTier), IsEmpty());
}

TEST(TierTest, OneOperationTooFewIsMissing) {
  Totals totals = Enough();
  --totals.operations;
  EXPECT_THAT(MissingFrom(totals, kTier),
              ElementsAre("only 999 of 1000 operations ran"));
}

TEST(TierTest, EachFaultThatNeverHappenedIsMissing) {
  Totals totals = Enough();
  for (const FaultKind kind : {FaultKind::kConflict, FaultKind::kClockLeapt}) {
    totals.faults[static_cast<size_t>(kind)] = 0;
  }
  EXPECT_THAT(MissingFrom(totals, kTier),
              ElementsAre("the fault conflict never happened",
                          "the fault clock_leapt never happened"));
}

TEST(TierTest, TheTiersAreOfTenAndOfAHundredMillionOperations) {
  EXPECT_EQ(TierNamed("ci")->operations_min, 10'000'000);
  EXPECT_EQ(TierNamed("long")->operations_min, 100'000'000);
  EXPECT_FALSE(TierNamed("short").has_value());
}

}  // namespace
}  // namespace budget::sim
