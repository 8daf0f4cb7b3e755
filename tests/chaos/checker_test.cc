// The checkers are checked: a good history passes, and each way in which one
// may be bad is found, under its name.

#include "tests/chaos/tale.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/chaos/fold.h"

namespace budget::chaos {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(CheckerTest, AGoodHistoryPasses) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  tale.Deny(3);
  tale.ReadSlots(0, 2);
  tale.Release(1);
  tale.Settle(2);
  tale.ReadSlots(1, 0);
  tale.Count();
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(CheckerTest, FindsACapThatIsPassed) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  tale.Reserve(3);
  EXPECT_THAT(tale.Found(), ElementsAre("cap_holds"));
}

TEST(CheckerTest, FindsAHoldThatDoesNotCountInALimitAboveIt) {
  Tale tale;
  tale.Reserve(1);
  tale.last_entry().pins.pop_back();
  tale.Count();
  EXPECT_THAT(tale.Found(), Contains("every_level"));
}

TEST(CheckerTest, FindsAHoldThatCountsInALimitBesideIt) {
  Tale tale;
  tale.Reserve(1);
  tale.evidence().limits_of_target = {{kSlots}};
  EXPECT_THAT(tale.Found(), Contains("every_level"));
}

TEST(CheckerTest, FindsARollingCapThatIsPassed) {
  Tale tale;
  tale.Reserve(1, 1001);
  EXPECT_THAT(tale.Found(), ElementsAre("cap_holds"));
}

TEST(CheckerTest, AllowsUsageToFallTowardsALoweredCap) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  tale.SetCap(0);
  tale.Release(1);
  tale.Release(2);
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(CheckerTest, FindsARisePastALoweredCap) {
  Tale tale;
  tale.SetCap(1);
  tale.Reserve(1);
  tale.Reserve(2);
  EXPECT_THAT(tale.Found(), ElementsAre("cap_holds"));
}

TEST(CheckerTest, FindsACounterThatDiffers) {
  Tale tale;
  tale.Reserve(1);
  tale.Count();
  ++tale.evidence().counters[0].spent;
  EXPECT_THAT(tale.Found(), ElementsAre("counters_fold"));
}

TEST(CheckerTest, FindsACounterThatIsGone) {
  Tale tale;
  tale.Reserve(1);
  tale.Count();
  tale.evidence().counters.pop_back();
  EXPECT_THAT(tale.Found(), ElementsAre("counters_fold"));
}

TEST(CheckerTest, FindsACounterThatStraysForAMoment) {
  Tale tale;
  tale.Reserve(1);
  Verdicts verdicts;
  Fold fold("acme", tale.evidence().limits, verdicts);
  for (const Entry& entry : tale.evidence().entries) fold.Add(entry);
  tale.Count();
  fold.Compare(tale.evidence().counters);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre());
  ++tale.evidence().counters[1].reserved;
  fold.Compare(tale.evidence().counters);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre("counters_fold"));
}

TEST(CheckerTest, FindsACounterBelowZero) {
  Tale tale;
  tale.Reserve(1);
  tale.Settle(1, -1);
  EXPECT_THAT(tale.Found(), ElementsAre("counters_fold"));
}

TEST(CheckerTest, FindsAMoveOfAnUnknownLimit) {
  Tale tale;
  tale.Reserve(1);
  tale.last_entry().pins.push_back({.limit = 99});
  EXPECT_THAT(tale.Found(), ElementsAre("every_level", "counters_fold"));
}

TEST(CheckerTest, FindsAHoldThatIsNotWhollyFreed) {
  Tale tale;
  tale.Reserve(1);
  tale.Release(1);
  ++tale.last_entry().reserved[1];
  EXPECT_THAT(tale.Found(), ElementsAre("hold_freed"));
}

TEST(CheckerTest, FindsAHoldThatMovesAfterItsEnd) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Reserve(2);
  tale.Expire(1, call.expires_micros);
  tale.Settle(1);
  tale.last_entry().late = true;
  EXPECT_THAT(tale.Found(), ElementsAre("hold_freed"));
}

TEST(CheckerTest, FindsTwoEndsOfAReservation) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  tale.Release(1);
  tale.Settle(1);
  EXPECT_THAT(tale.Found(), Contains("one_end"));
}

TEST(CheckerTest, AllowsALateSettle) {
  Tale tale;
  Call call = tale.Reserve(1);
  tale.Expire(1, call.expires_micros + kSecond);
  tale.Settle(1);
  tale.last_entry().late = true;
  tale.last_entry().reserved = {};
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(CheckerTest, FindsAHole) {
  Tale tale;
  tale.SetCap(5);
  tale.last_call().answer = Answer::kUnknown;
  tale.SetCap(6);
  tale.evidence().entries.erase(tale.evidence().entries.end() - 2);
  EXPECT_THAT(tale.Found(), ElementsAre("no_holes"));
}

TEST(CheckerTest, FindsTimeThatFalls) {
  Tale tale;
  tale.SetCap(5);
  tale.last_entry().at_micros = 0;
  EXPECT_THAT(tale.Found(), ElementsAre("no_holes"));
}

TEST(CheckerTest, FindsAnExpiryBeforeItsTime) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Expire(1, call.expires_micros - 1);
  EXPECT_THAT(tale.Found(), ElementsAre("never_early"));
}

TEST(CheckerTest, FindsAnExpiryThatIsLate) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Expire(1, call.expires_micros + 3 * kSecond);
  EXPECT_THAT(tale.Found(), ElementsAre("expires_in_time"));
}

TEST(CheckerTest, FindsAnExpiryThatIsLateThoughNobodyWasToldOfTheHold) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.last_call().answer = Answer::kUnknown;
  tale.last_call().expires_micros = 0;
  tale.Expire(1, call.expires_micros + 3 * kSecond);
  EXPECT_THAT(tale.Found(), ElementsAre("expires_in_time"));
}

TEST(CheckerTest, AllowsAnExpiryThatIsLateForTrouble) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Expire(1, call.expires_micros + 3 * kSecond);
  tale.evidence().troubles = {
      {call.expires_micros + kSecond, call.expires_micros + 2 * kSecond}};
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(CheckerTest, FindsAnExpiryThatIsLateThoughSomeReplicaWentOn) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Expire(1, call.expires_micros + 5 * kSecond);
  tale.evidence().troubles = {{.begin_micros = kStart,
                               .end_micros = call.expires_micros + 9 * kSecond,
                               .spares_sweepers = true}};
  EXPECT_THAT(tale.Found(), ElementsAre("expires_in_time"));
}

TEST(CheckerTest, AllowsAReplicaThatStandsStillToKeepALaneForAWhile) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Expire(1, call.expires_micros + 3 * kSecond);
  tale.evidence().troubles = {{.begin_micros = kStart,
                               .end_micros = call.expires_micros + 9 * kSecond,
                               .spares_sweepers = true}};
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(CheckerTest, FindsAnExpiryThatIsLateBeforeTheTroubleBegins) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Expire(1, call.expires_micros + 5 * kSecond);
  tale.evidence().troubles = {{call.expires_micros + 3 * kSecond,
                                call.expires_micros + 4 * kSecond}};
  EXPECT_THAT(tale.Found(), ElementsAre("expires_in_time"));
}

TEST(CheckerTest, FindsAnExpiryThatIsLateAfterTheTroubleIsOver) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Expire(1, call.expires_micros + 3 * kSecond);
  tale.evidence().troubles = {{kStart, call.expires_micros - 1}};
  EXPECT_THAT(tale.Found(), ElementsAre("expires_in_time"));
}

TEST(CheckerTest, FindsASettleOfWhatShouldHaveExpired) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Settle(1);
  tale.last_entry().at_micros = call.expires_micros + 3 * kSecond;
  EXPECT_THAT(tale.Found(), ElementsAre("expires_in_time"));
}

TEST(CheckerTest, FindsAnExpiryThatIsLateThoughTroubleIsLongOver) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Expire(1, call.expires_micros + 60 * kSecond);
  tale.evidence().troubles = {
      {call.expires_micros - kSecond, call.expires_micros + kSecond}};
  EXPECT_THAT(tale.Found(), ElementsAre("expires_in_time"));
}

TEST(CheckerTest, AllowsAnExpiryAfterTroubleThatFollowsTrouble) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Expire(1, call.expires_micros + 7 * kSecond);
  tale.evidence().troubles = {
      {call.expires_micros - kSecond, call.expires_micros + 2 * kSecond},
      {call.expires_micros + 3 * kSecond, call.expires_micros + 6 * kSecond}};
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(CheckerTest, AllowsAnExpiryThatIsLateForTroubleThatNeverHealed) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Expire(1, call.expires_micros + 60 * kSecond);
  tale.evidence().troubles = {{kStart}};
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(CheckerTest, FindsAHoldThatIsOpenAtTheEnd) {
  Tale tale;
  tale.Reserve(1);
  tale.evidence().open = 1;
  EXPECT_THAT(tale.Found(), ElementsAre("nothing_left"));
}

TEST(CheckerTest, FindsACallWhoseRetriesDidNotSuffice) {
  Verdicts verdicts;
  CheckAnswered({{.answer = Answer::kOk},
                 {.answer = Answer::kDenied},
                 {.answer = Answer::kUnknown, .is_attempt = true}},
                verdicts);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre());
  CheckAnswered({{.answer = Answer::kUnknown}}, verdicts);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre("retries_suffice"));
}

TEST(CheckerTest, FindsAnOutcomeThatStaysUnknown) {
  Verdicts verdicts;
  CheckResolved(0, verdicts);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre());
  CheckResolved(1, verdicts);
  EXPECT_THAT(FoundIn(verdicts), ElementsAre("unknown_resolved"));
}

TEST(CheckerTest, FindsAnErrorThatNobodyMayGet) {
  Tale tale;
  tale.Append(tale.NewCall(Verb::kReserve, Answer::kFailed, 1));
  EXPECT_THAT(tale.Found(), ElementsAre("known_errors"));
}

}  // namespace
}  // namespace budget::chaos
