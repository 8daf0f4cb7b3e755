#include "tests/sim/planted_bug.h"

#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <string>

#include "tests/sim/simulation.h"

// The checks are checked: each planted bug is caught, by the invariant that is
// there for it.
namespace budget::sim {

struct Case {
  Bug bug;
  Invariant caught_by;
};

void PrintTo(const Case& planted, std::ostream* out) {
  *out << BugName(planted.bug);
}

namespace {

constexpr int kSeedsMax = 60;
constexpr int64_t kOperations = 600;

class PlantedBugTest : public ::testing::TestWithParam<Case> {};

TEST_P(PlantedBugTest, IsCaughtByItsInvariant) {
  const Case& planted = GetParam();
  std::set<std::string> others;
  for (uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    const SeedResult result = RunSeed({.seed = seed,
                                       .operations = kOperations,
                                       .wrap = Plant(planted.bug)});
    const auto& breach = result.verdicts.breach();
    if (!breach) continue;
    if (breach->invariant == planted.caught_by) return;
    others.emplace(InvariantName(breach->invariant));
  }
  std::string caught;
  for (const std::string& name : others) caught += name + " ";
  FAIL() << BugName(planted.bug) << " was not caught by "
         << InvariantName(planted.caught_by) << ", but by: " << caught;
}

INSTANTIATE_TEST_SUITE_P(
    Each, PlantedBugTest,
    ::testing::Values(
        Case{Bug::kDropsCommits, Invariant::kAckHasRow},
        Case{Bug::kAnswersBeforeCommit, Invariant::kAckHasRow},
        Case{Bug::kAppliesTwice, Invariant::kOneEffect},
        Case{Bug::kReleasesTwice, Invariant::kOneEnd},
        Case{Bug::kPassesCaps, Invariant::kCapHolds},
        Case{Bug::kForgetsIds, Invariant::kOneEffect},
        Case{Bug::kLosesCount, Invariant::kCountersFold},
        Case{Bug::kLeavesHoles, Invariant::kNoHoles},
        Case{Bug::kOwnClock, Invariant::kDatabaseTime},
        Case{Bug::kMakesUpRows, Invariant::kRowHasCall},
        Case{Bug::kAnswersOtherwise, Invariant::kSameAnswer},
        Case{Bug::kSweepsNothing, Invariant::kNothingLeftOpen}),
    [](const auto& info) { return std::string(BugName(info.param.bug)); });

TEST(PlantedBugsTest, EveryBugHasACase) { EXPECT_EQ(kBugs, 12); }

}  // namespace
}  // namespace budget::sim
