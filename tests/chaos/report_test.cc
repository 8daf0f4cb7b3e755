#include "tests/chaos/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

RunOptions AllFor(absl::Duration length) {
  RunOptions options;
  options.length = length;
  return options;
}

void LookAtAll(RunResult& result) {
  result.online_checks = 1;
  for (int root = 0; root < kRoots; ++root) {
    result.online_roots.insert(RootName(root));
  }
}

// A run in which everything was there to see.
RunResult Complete() {
  RunResult result{.operations = 50'000};
  LookAtAll(result);
  for (const Fault& fault : AllFaults()) result.log.faults[fault.name] = 2;
  for (Invariant invariant : AllInvariants()) result.verdicts.Passed(invariant);
  return result;
}

TEST(NotShownTest, ACompleteRunShowsEverything) {
  EXPECT_THAT(NotShown(AllFor(absl::Minutes(3)), Complete()), IsEmpty());
}

TEST(NotShownTest, NamesAFaultThatNeverHappened) {
  RunResult result = Complete();
  result.log.faults["kill_replica"] = 0;
  EXPECT_THAT(NotShown(AllFor(absl::Minutes(1)), result),
              ElementsAre("kill_replica: never happened"));
}

TEST(NotShownTest, AsksOnlyForTheFaultsThatWereWanted) {
  RunOptions options = AllFor(absl::Minutes(1));
  options.only = {"cut_all", "kill_replica"};
  RunResult result;
  LookAtAll(result);
  result.log.faults["cut_all"] = 1;
  EXPECT_THAT(NotShown(options, result),
              ElementsAre("kill_replica: never happened"));
}

TEST(NotShownTest, ExcusesAFaultThatCannotBeMadeHereInAShortRun) {
  RunResult result = Complete();
  result.log.faults.erase("kill_replica");
  result.log.not_done["kill_replica"] = "no signals";
  EXPECT_THAT(NotShown(AllFor(absl::Minutes(1)), result), IsEmpty());
  EXPECT_THAT(NotShown(AllFor(absl::Minutes(3)), result),
              ElementsAre("kill_replica: no signals"));
}

TEST(NotShownTest, NamesAnInvariantThatWasNeverChecked) {
  RunResult result = Complete();
  result.verdicts = {};
  for (Invariant invariant : AllInvariants()) {
    if (invariant != Invariant::kExpiresInTime) {
      result.verdicts.Passed(invariant);
    }
  }
  EXPECT_THAT(NotShown(AllFor(absl::Minutes(3)), result),
              ElementsAre("expires_in_time: never checked"));
  EXPECT_THAT(NotShown(AllFor(absl::Minutes(2)), result), IsEmpty());
}

TEST(NotShownTest, AsksForWhatWasCheckedWhileTheRunWentOn) {
  RunResult result = Complete();
  result.online_checks = 0;
  EXPECT_THAT(NotShown(AllFor(absl::Minutes(1)), result),
              ElementsAre("the online audit: nothing was checked"));
}

TEST(NotShownTest, NamesARootThatWasNotLookedAtWhileTheRunWentOn) {
  RunResult result = Complete();
  result.online_roots.erase(RootName(2));
  EXPECT_THAT(
      NotShown(AllFor(absl::Minutes(1)), result),
      ElementsAre("the online audit: " + RootName(2) + " was not looked at"));
}

TEST(NotShownTest, AsksForAMillionOperationsOfAnHour) {
  RunResult result = Complete();
  for (auto& [name, times] : result.log.faults) times = 20;
  EXPECT_THAT(NotShown(AllFor(absl::Minutes(60)), result),
              ElementsAre("50000 operations, which is less than 1000000"));
  result.operations = 1'000'000;
  EXPECT_THAT(NotShown(AllFor(absl::Minutes(60)), result), IsEmpty());
}

TEST(NotShownTest, AsksForEnoughOfALongRun) {
  RunResult result = Complete();
  for (auto& [name, times] : result.log.faults) times = 0;
  result.log.faults["kill_replica"] = 29;
  result.operations = 49'999;
  EXPECT_THAT(NotShown(AllFor(absl::Minutes(3)), result),
              IsSupersetOf({"29 faults, which is less than 30",
                            "49999 operations, which is less than 50000"}));
}

TEST(NotShownTest, AsksNothingOfUpgrades) {
  RunOptions options = AllFor(absl::Minutes(3));
  options.upgrade = true;
  EXPECT_THAT(NotShown(options, {}), IsEmpty());
}

}  // namespace
}  // namespace budget::chaos
