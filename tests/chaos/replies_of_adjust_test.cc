// What was answered of other holds for what is held.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/chaos/tale.h"

namespace budget::chaos {
namespace {

using ::testing::ElementsAre;

// A hold of ten tokens that is raised to twenty.
class AdjustTest : public ::testing::Test {
 protected:
  AdjustTest() {
    tale_.Reserve(1);
    adjust_ = tale_.Adjust(1, 10, 20);
  }

  // After a report in the same Batch it holds twenty once more, for the same
  // call, which the second entry answers.
  Call& ReportAndAdjustOnceMore() {
    tale_.Report(1, 5);
    const int64_t again = tale_.Adjust(1, 15, 20).sequence;
    tale_.evidence().calls.pop_back();
    Call& adjust = tale_.evidence().calls[1];
    adjust.sequence = again;
    Call& report = tale_.evidence().calls[2];
    report.called = adjust.called;
    adjust.returned = report.returned;
    return adjust;
  }

  Tale tale_;
  Call adjust_;
};

TEST_F(AdjustTest, AllowsWhatFreesIt) {
  tale_.Release(1, 20);
  EXPECT_THAT(tale_.Found(), ElementsAre());
}

TEST_F(AdjustTest, FindsARaiseThatIsNotWhollyFreed) {
  tale_.Release(1, 10);
  EXPECT_THAT(tale_.Found(), ElementsAre("hold_freed"));
}

TEST_F(AdjustTest, FindsAnAnswerWithoutAnEntry) {
  tale_.evidence().entries.pop_back();
  EXPECT_THAT(tale_.Found(), ElementsAre("ok_has_entry"));
}

TEST_F(AdjustTest, FindsAnAnswerWithTheNumberOfAnotherEntry) {
  --tale_.last_call().sequence;
  EXPECT_THAT(tale_.Found(), ElementsAre("ok_has_entry"));
}

TEST_F(AdjustTest, FindsAnEntryThatLeadsElsewhere) {
  ++tale_.last_entry().reserved[1];
  EXPECT_THAT(tale_.Found(), ElementsAre("ok_has_entry", "entry_has_call"));
}

TEST_F(AdjustTest, FindsAnAnswerThatShowsAnotherHold) {
  ++tale_.last_call().granted[1];
  EXPECT_THAT(tale_.Found(), ElementsAre("ok_has_entry"));
}

TEST_F(AdjustTest, AllowsARepeatThatChangedNothing) {
  adjust_.sequence = 0;
  tale_.Append(adjust_);
  EXPECT_THAT(tale_.Found(), ElementsAre());
}

TEST_F(AdjustTest, FindsThatNothingChangedWhereItNeverHeldThat) {
  adjust_.sequence = 0;
  ++adjust_.asked[1];
  ++adjust_.granted[1];
  tale_.Append(adjust_);
  EXPECT_THAT(tale_.Found(), ElementsAre("ok_has_entry"));
}

TEST_F(AdjustTest, FindsAnEntryThatNobodyAskedFor) {
  tale_.evidence().calls.pop_back();
  EXPECT_THAT(tale_.Found(), ElementsAre("entry_has_call"));
}

TEST_F(AdjustTest, AllowsAnUnknownCallToHaveHappened) {
  tale_.last_call().answer = Answer::kUnknown;
  EXPECT_THAT(tale_.Found(), ElementsAre());
}

TEST_F(AdjustTest, FindsAnEntryOfACallThatWasRefused) {
  tale_.last_call().answer = Answer::kRefused;
  EXPECT_THAT(tale_.Found(), ElementsAre("entry_has_call"));
}

TEST_F(AdjustTest, AllowsThatItGoesBackAndForth) {
  tale_.Adjust(1, 20, 10);
  tale_.Adjust(1, 10, 20);
  EXPECT_THAT(tale_.Found(), ElementsAre());
}

TEST_F(AdjustTest, FindsTwoAnswersThatBothMadeAnEntry) {
  tale_.Append(adjust_);
  EXPECT_THAT(tale_.Found(), ElementsAre("one_effect"));
}

// Its transaction was decided anew although it was committed.
TEST_F(AdjustTest, FindsACallThatTookEffectTwice) {
  ReportAndAdjustOnceMore();
  EXPECT_THAT(tale_.Found(), ElementsAre("one_effect"));
}

TEST_F(AdjustTest, FindsAnUnknownCallThatTookEffectTwice) {
  ReportAndAdjustOnceMore().answer = Answer::kUnknown;
  EXPECT_THAT(tale_.Found(), ElementsAre("one_effect"));
}

TEST_F(AdjustTest, AllowsAnEntryForEachAttempt) {
  ReportAndAdjustOnceMore().attempts = 2;
  EXPECT_THAT(tale_.Found(), ElementsAre());
}

TEST_F(AdjustTest, AllowsAnEntryForEachCall) {
  ReportAndAdjustOnceMore();
  adjust_.answer = Answer::kUnknown;
  tale_.Append(adjust_);
  EXPECT_THAT(tale_.Found(), ElementsAre());
}

TEST_F(AdjustTest, ARepeatThatChangedNothingMadeNoEntry) {
  ReportAndAdjustOnceMore();
  adjust_.sequence = 0;
  tale_.Append(adjust_);
  EXPECT_THAT(tale_.Found(), ElementsAre("one_effect"));
}

TEST_F(AdjustTest, ACallForAnotherHoldMadeNoneOfTheseEntries) {
  ReportAndAdjustOnceMore();
  tale_.RefuseAdjust(1, Answer::kUnknown, 30);
  EXPECT_THAT(tale_.Found(), ElementsAre("one_effect"));
}

TEST_F(AdjustTest, ItsDenialDeniesNoHold) {
  tale_.RefuseAdjust(1, Answer::kDenied, 2000);
  EXPECT_THAT(tale_.Found(), ElementsAre());
}

TEST_F(AdjustTest, FindsARaisePastACap) {
  tale_.Adjust(1, 20, 1001);
  EXPECT_THAT(tale_.Found(), ElementsAre("cap_holds"));
}

TEST_F(AdjustTest, FindsARaiseThatDoesNotCountInALimitAboveIt) {
  tale_.last_entry().pins.pop_back();
  EXPECT_THAT(tale_.Found(), ElementsAre("every_level"));
}

TEST_F(AdjustTest, FindsEntriesInTheWrongOrder) {
  tale_.Adjust(1, 20, 30);
  tale_.last_call().called = 1;
  tale_.last_call().returned = 2;
  EXPECT_THAT(tale_.Found(), ElementsAre("real_time_order"));
}

}  // namespace
}  // namespace budget::chaos
