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

constexpr Case kCases[] = {
    {Bug::kDropsCommits, Invariant::kAckHasRow},
    {Bug::kAnswersBeforeCommit, Invariant::kAckHasRow},
    {Bug::kAppliesTwice, Invariant::kOneEffect},
    {Bug::kDecidesAnew, Invariant::kOneEffect},
    {Bug::kReleasesTwice, Invariant::kOneEnd},
    {Bug::kPassesCaps, Invariant::kCapHolds},
    {Bug::kForgetsIds, Invariant::kOneEffect},
    {Bug::kLosesCount, Invariant::kCountersFold},
    {Bug::kLeavesHoles, Invariant::kNoHoles},
    {Bug::kOwnClock, Invariant::kDatabaseTime},
    {Bug::kMakesUpRows, Invariant::kRowHasCall},
    {Bug::kAnswersOtherwise, Invariant::kSameAnswer},
    {Bug::kSweepsNothing, Invariant::kNothingLeftOpen},
    {Bug::kMisstatesRemaining, Invariant::kPredicted},
    {Bug::kAltersRows, Invariant::kStoredAsSaid},
    {Bug::kBreaksConstraints, Invariant::kNothingBroken},
    {Bug::kStaysDown, Invariant::kAnswered},
    {Bug::kStandsStill, Invariant::kEnds},
};

class PlantedBugTest : public ::testing::TestWithParam<Case> {};

TEST_P(PlantedBugTest, IsCaughtByItsInvariant) {
  const Case& planted = GetParam();
  std::set<std::string> others;
  for (uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    const SeedResult result = RunSeed({.seed = seed,
                                       .operations = kOperations,
                                       .planted = Plant(planted.bug)});
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
    Each, PlantedBugTest, ::testing::ValuesIn(kCases),
    [](const auto& info) { return std::string(BugName(info.param.bug)); });

// What hangs would take this process with it: fan_out_test.cc has its case.
TEST(PlantedBugsTest, EveryBugHasACase) {
  std::set<Bug> bugs = {Bug::kHangs};
  for (const Case& planted : kCases) bugs.insert(planted.bug);
  EXPECT_EQ(bugs.size(), static_cast<size_t>(kBugs));
}

// Which transaction takes effect when is up to the events, not to a store: that
// this is checked, history_test.cc shows.
TEST(PlantedBugsTest, EveryInvariantButTheOrderOfEventsHasABug) {
  std::set<Invariant> caught_by = {Invariant::kLinearizable};
  for (const Case& planted : kCases) caught_by.insert(planted.caught_by);
  EXPECT_EQ(caught_by.size(), kInvariants);
}

}  // namespace
}  // namespace budget::sim
