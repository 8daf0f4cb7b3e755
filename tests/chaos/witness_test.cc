// What left no entry, and the order of what did.

#include "tests/chaos/tale.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace budget::chaos {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(WitnessTest, FindsEntriesInTheWrongOrder) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  // The second was answered before the first was called.
  Call& first = tale.evidence().calls[0];
  first.called += 100;
  first.returned += 100;
  EXPECT_THAT(tale.Found(), ElementsAre("real_time_order"));
}

TEST(WitnessTest, FindsAReportInTheWrongOrder) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  tale.Report(1, 4);
  tale.last_call().called = 5;
  tale.last_call().returned = 8;
  EXPECT_THAT(tale.Found(), ElementsAre("real_time_order"));
}

TEST(WitnessTest, AllowsAnyOrderOfCallsThatOverlap) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  Call& first = tale.evidence().calls[0];
  first.returned += 100;
  first.called = tale.evidence().calls[1].returned - 1;
  EXPECT_THAT(tale.Found(), ElementsAre());
}

// The attempt before a denial may have become a hold that nobody was told of,
// and whose time nobody knows.
TEST(WitnessTest, AllowsReadsWithAndWithoutAHoldOfUnknownTime) {
  Tale tale;
  tale.Reserve(1);
  tale.last_call().answer = Answer::kUnknown;
  tale.last_call().expires_micros = 0;
  tale.ReadSlots(0, 1);
  tale.ReadSlots(0, 0);
  EXPECT_THAT(tale.Found(), ElementsAre());
  tale.ReadSlots(0, 2);
  EXPECT_THAT(tale.Found(), ElementsAre("read_matches"));
}

TEST(WitnessTest, FindsADenialThatNothingExplains) {
  Tale tale;
  tale.Reserve(1);
  tale.Deny(2);
  EXPECT_THAT(tale.Found(), ElementsAre("denial_explained"));
}

TEST(WitnessTest, FindsADenialThatIsExplainedByThePastOnly) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  tale.Release(1);
  tale.Deny(3);
  tale.Reserve(4);
  EXPECT_THAT(tale.Found(), ElementsAre("denial_explained"));
}

TEST(WitnessTest, FindsADenialForHoldsThatArePastTheirTime) {
  Tale tale;
  tale.Reserve(1);
  const Call second = tale.Reserve(2);
  tale.SetCap(kSlotsCap);
  tale.Deny(3);
  EXPECT_THAT(tale.Found(), ElementsAre());
  tale.SetCap(kSlotsCap);
  tale.last_entry().at_micros = second.expires_micros;
  tale.Deny(4);
  EXPECT_THAT(tale.Found(), ElementsAre("denial_explained"));
}

TEST(WitnessTest, AllowsADenialOfADayThatIsFull) {
  Tale tale;
  tale.evidence().entries.front().caps.emplace_back(kDay, 5);
  tale.evidence().limits_of_target[kSlotsAndBurst].push_back(kDay);
  tale.Reserve(1);
  tale.last_call().asked = tale.last_call().granted =
      tale.last_entry().reserved = {5, 10, 1};
  tale.last_entry().pins.push_back({kDay, DayAt(kStart)});
  tale.Deny(2);
  tale.last_call().asked = {1, 10, 1};
  EXPECT_THAT(tale.Found(), ElementsAre());
  tale.last_call().asked = {0, 10, 1};
  EXPECT_THAT(tale.Found(), ElementsAre("denial_explained"));
}

TEST(WitnessTest, AllowsADenialThatWasTrueWhileItWasAsked) {
  Tale tale;
  tale.Reserve(1);
  const Call second = tale.Reserve(2);
  tale.Release(1);
  tale.Deny(3);
  tale.last_call().called = second.called;
  EXPECT_THAT(tale.Found(), ElementsAre());
}

// Ten tokens of a thousand are held: it is the raise that must fit.
TEST(WitnessTest, FindsADeniedRaiseThatFitted) {
  Tale tale;
  tale.Reserve(1);
  tale.RefuseAdjust(1, Answer::kDenied, 1000);
  EXPECT_THAT(tale.Found(), ElementsAre("denial_explained"));
}

TEST(WitnessTest, AllowsADeniedRaiseThatDidNotFit) {
  Tale tale;
  tale.Reserve(1);
  tale.RefuseAdjust(1, Answer::kDenied, 1001);
  EXPECT_THAT(tale.Found(), ElementsAre());
}

// The slots are all taken, but it takes no other one.
TEST(WitnessTest, ARaiseNeedsNoRoomWhereItRaisesNothing) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  tale.RefuseAdjust(1, Answer::kDenied, 11);
  EXPECT_THAT(tale.Found(), ElementsAre("denial_explained"));
}

TEST(WitnessTest, FindsADenialOfWhatNeedsNoRoom) {
  Tale tale;
  tale.Reserve(1);
  tale.SetCap(0);
  tale.RefuseAdjust(1, Answer::kDenied, 5);
  EXPECT_THAT(tale.Found(), ElementsAre("denial_explained"));
}

TEST(WitnessTest, FindsADeniedRaiseOfWhatHasEnded) {
  Tale tale;
  tale.Reserve(1);
  tale.Release(1);
  tale.RefuseAdjust(1, Answer::kDenied, 2000);
  EXPECT_THAT(tale.Found(), ElementsAre("denial_explained"));
}

TEST(WitnessTest, AllowsAnAdjustmentThatComesTooLate) {
  Tale tale;
  tale.Reserve(1);
  tale.Release(1);
  tale.RefuseAdjust(1, Answer::kOvertaken, 20);
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(WitnessTest, FindsAnAdjustmentThatCameInTime) {
  Tale tale;
  tale.Reserve(1);
  tale.RefuseAdjust(1, Answer::kOvertaken, 20);
  EXPECT_THAT(tale.Found(), ElementsAre("denial_explained"));
}

TEST(WitnessTest, FindsAReadOfOtherFigures) {
  Tale tale;
  tale.Reserve(1);
  tale.ReadSlots(1, 0);
  EXPECT_THAT(tale.Found(), ElementsAre("read_matches"));
}

TEST(WitnessTest, FindsAReadThatIsStale) {
  Tale tale;
  tale.Reserve(1);
  tale.ReadSlots(0, 0);
  --tale.evidence().reads.back().sequence;
  EXPECT_THAT(tale.Found(), ElementsAre("read_matches"));
}

TEST(WitnessTest, FindsAReadOfAnEntryThatIsNotThere) {
  Tale tale;
  tale.Reserve(1);
  tale.ReadSlots(0, 1);
  ++tale.evidence().reads.back().sequence;
  EXPECT_THAT(tale.Found(), ElementsAre("read_matches"));
}

TEST(WitnessTest, FindsAReadOfAnEntryThatCameLater) {
  Tale tale;
  tale.ReadSlots(0, 0);
  tale.Reserve(1);
  Read& read = tale.evidence().reads.back();
  ++read.sequence;
  read.limits = {{kSlots, 0, 1, 0}};
  EXPECT_THAT(tale.Found(), ElementsAre("read_matches"));
}

TEST(WitnessTest, FindsADenialOfEntriesThatAreNotThere) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  tale.Deny(3);
  tale.evidence().entries.pop_back();
  EXPECT_THAT(tale.Found(), Contains("denial_explained"));
}

}  // namespace
}  // namespace budget::chaos
