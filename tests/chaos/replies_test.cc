// What was answered, and what the ledger has.

#include "tests/chaos/tale.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace budget::chaos {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(RepliesTest, FindsAnAnswerWithoutAnEntry) {
  Tale tale;
  tale.Reserve(1);
  tale.Settle(1);
  tale.evidence().entries.pop_back();
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, FindsAnAnswerWithTheNumberOfAnotherEntry) {
  Tale tale;
  tale.Reserve(1);
  ++tale.last_call().sequence;
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, FindsAHoldOfLessThanWasAsked) {
  Tale tale;
  tale.Reserve(1);
  ++tale.last_call().asked[1];
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, FindsASettleOfOtherAmounts) {
  Tale tale;
  tale.Reserve(1);
  tale.Settle(1);
  ++tale.last_call().asked[1];
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, FindsASettleThatShowsOtherAmounts) {
  Tale tale;
  tale.Reserve(1);
  tale.Settle(1);
  ++tale.last_call().spent[1];
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, FindsASettleThatShowsOverageAsSpent) {
  Tale tale;
  tale.Reserve(1);
  tale.Settle(1);
  --tale.last_call().spent[1];
  ++tale.last_call().overage[1];
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, AnAnswerIsNotComparedWithItself) {
  Tale tale;
  const Call call = tale.Reserve(1);
  EXPECT_EQ(tale.Judge().checks(Invariant::kSameReply), 0);
  tale.Append(call);
  EXPECT_EQ(tale.Judge().checks(Invariant::kSameReply), 1);
}

TEST(RepliesTest, FindsASettleWithTheNumberOfAnotherEntry) {
  Tale tale;
  tale.Reserve(1);
  tale.Settle(1);
  --tale.last_call().sequence;
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, AllowsASettleThatChangedNothingMore) {
  Tale tale;
  tale.Reserve(1);
  Call again = tale.Settle(1);
  again.sequence = 0;
  tale.Append(again);
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(RepliesTest, AllowsAReportBeforeTheLast) {
  Tale tale;
  tale.Reserve(1);
  tale.Report(1, 4);
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(RepliesTest, FindsAReportWithoutAnEntryOfItsOwn) {
  Tale tale;
  tale.Reserve(1);
  tale.Report(1, 4);
  tale.evidence().entries.pop_back();
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, FindsAReportThatChangedNothingAndSaysMoreThanTheLedger) {
  Tale tale;
  tale.Reserve(1);
  Call again = tale.Report(1, 4);
  again.sequence = 0;
  ++again.asked[1];
  tale.Append(again);
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, FindsAReleaseWithoutAnEntry) {
  Tale tale;
  tale.Reserve(1);
  tale.Release(1);
  tale.evidence().entries.pop_back();
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, FindsAReleaseWithTheNumberOfAnotherEntry) {
  Tale tale;
  tale.Reserve(1);
  tale.Release(1);
  --tale.last_call().sequence;
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, FindsACapThatWasSetWithoutAnEntry) {
  Tale tale;
  tale.SetCap(5);
  tale.evidence().entries.pop_back();
  EXPECT_THAT(tale.Found(), ElementsAre("ok_has_entry"));
}

TEST(RepliesTest, FindsACapThatNobodySet) {
  Tale tale;
  tale.SetCap(5);
  tale.evidence().calls.clear();
  EXPECT_THAT(tale.Found(), ElementsAre("entry_has_call"));
}

TEST(RepliesTest, FindsAnotherCapThanWasSet) {
  Tale tale;
  tale.SetCap(5);
  tale.last_call().answer = Answer::kUnknown;
  ++tale.last_call().cap;
  EXPECT_THAT(tale.Found(), ElementsAre("entry_has_call"));
}

TEST(RepliesTest, FindsACapOfACallThatWasRefused) {
  Tale tale;
  tale.SetCap(5);
  tale.last_call().answer = Answer::kRefused;
  EXPECT_THAT(tale.Found(), ElementsAre("entry_has_call"));
}

TEST(RepliesTest, FindsAnEntryOfAKindThatNobodyAsksFor) {
  Tale tale;
  tale.AppendOfKind(14);
  EXPECT_THAT(tale.Found(), ElementsAre("entry_has_call"));
}

TEST(RepliesTest, FindsAnEntryThatMovesAReservationInAnotherWay) {
  Tale tale;
  tale.Reserve(1);
  tale.AppendOfKind(14, 1);
  EXPECT_THAT(tale.Found(), Contains("entry_has_call"));
}

TEST(RepliesTest, FindsAnExpiryOfWhatWasNeverHeld) {
  Tale tale;
  tale.AppendOfKind(kExpireEntry, 1);
  EXPECT_THAT(tale.Found(), ElementsAre("entry_has_call"));
}

TEST(RepliesTest, FindsAnEntryThatNobodyAskedFor) {
  Tale tale;
  tale.Reserve(1);
  tale.evidence().calls.clear();
  EXPECT_THAT(tale.Found(), ElementsAre("entry_has_call"));
}

TEST(RepliesTest, FindsAnEntryOfACallThatWasRefused) {
  Tale tale;
  tale.Reserve(1);
  tale.last_call().answer = Answer::kRefused;
  EXPECT_THAT(tale.Found(), ElementsAre("entry_has_call"));
}

TEST(RepliesTest, AllowsAnUnknownCallToHaveHappened) {
  Tale tale;
  tale.Reserve(1);
  tale.last_call().answer = Answer::kUnknown;
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(RepliesTest, AllowsAnUnknownCallToHaveDoneNothing) {
  Tale tale;
  tale.Append(tale.NewCall(Verb::kReserve, Answer::kUnknown, 1));
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(RepliesTest, FindsAHoldThatWasMadeTwice) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(1);
  EXPECT_THAT(tale.Found(), Contains("one_effect"));
}

TEST(RepliesTest, FindsTwoAnswersThatBothHeld) {
  Tale tale;
  Call again = tale.Reserve(1);
  again.called += 10;
  again.returned += 10;
  tale.Append(again);
  EXPECT_THAT(tale.Found(), ElementsAre("one_effect"));
}

TEST(RepliesTest, FindsTwoAnswersThatBothSettled) {
  Tale tale;
  tale.Reserve(1);
  tale.Append(tale.Settle(1));
  EXPECT_THAT(tale.Found(), ElementsAre("one_effect"));
}

TEST(RepliesTest, FindsTwoExpiriesOfAReservation) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Reserve(2);
  tale.Expire(1, call.expires_micros);
  tale.Expire(1, call.expires_micros);
  EXPECT_THAT(tale.Found(), Contains("one_effect"));
}

TEST(RepliesTest, AllowsARepeatThatSaysSo) {
  Tale tale;
  Call again = tale.Reserve(1);
  again.replayed = true;
  tale.Append(again);
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(RepliesTest, FindsARepeatThatAnswersOtherwise) {
  Tale tale;
  Call again = tale.Reserve(1);
  again.replayed = true;
  again.expires_micros += kSecond;
  tale.Append(again);
  EXPECT_THAT(tale.Found(), ElementsAre("same_reply"));
}

TEST(RepliesTest, FindsASettleThatIsRepeatedAndAnswersOtherwise) {
  Tale tale;
  tale.Reserve(1);
  Call again = tale.Settle(1);
  again.sequence = 0;
  ++again.ended_micros;
  tale.Append(again);
  EXPECT_THAT(tale.Found(), ElementsAre("same_reply"));
}

TEST(RepliesTest, FindsAReleaseThatIsRepeatedAndAnswersOtherwise) {
  Tale tale;
  tale.Reserve(1);
  Call again = tale.Release(1);
  again.sequence = 0;
  ++again.state;
  tale.Append(again);
  EXPECT_THAT(tale.Found(), ElementsAre("same_reply"));
}

TEST(RepliesTest, FindsADenialOfWhatWasHeld) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  tale.Deny(1);
  EXPECT_THAT(tale.Found(), ElementsAre("same_reply"));
}

}  // namespace
}  // namespace budget::chaos
