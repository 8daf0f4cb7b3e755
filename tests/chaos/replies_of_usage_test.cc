// What was answered of usage that had no hold.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/chaos/tale.h"

namespace budget::chaos {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

class UsageTest : public ::testing::Test {
 protected:
  UsageTest() : usage_(tale_.RecordUsage(1)) {}

  Tale tale_;
  Call usage_;
};

TEST_F(UsageTest, AllowsWhatIsPastTheCapAsOverage) {
  tale_.RecordUsage(2, 990, 500);
  EXPECT_THAT(tale_.Found(), ElementsAre());
}

TEST_F(UsageTest, FindsSpendPastTheCap) {
  tale_.RecordUsage(2, 991);
  EXPECT_THAT(tale_.Found(), ElementsAre("cap_holds"));
}

TEST_F(UsageTest, FindsAnAnswerWithoutAnEntry) {
  tale_.evidence().entries.pop_back();
  EXPECT_THAT(tale_.Found(), ElementsAre("ok_has_entry"));
}

TEST_F(UsageTest, FindsAnAnswerWithTheNumberOfAnotherEntry) {
  --tale_.last_call().sequence;
  EXPECT_THAT(tale_.Found(), ElementsAre("ok_has_entry"));
}

TEST_F(UsageTest, FindsAnAnswerThatNamesNoEntry) {
  tale_.last_call().sequence = 0;
  EXPECT_THAT(tale_.Found(), ElementsAre("ok_has_entry"));
}

TEST_F(UsageTest, FindsOtherAmountsThanWereUsed) {
  ++tale_.last_call().asked[1];
  EXPECT_THAT(tale_.Found(), ElementsAre("ok_has_entry"));
}

TEST_F(UsageTest, FindsAnAnswerThatShowsOtherAmounts) {
  ++tale_.last_call().spent[1];
  EXPECT_THAT(tale_.Found(), ElementsAre("ok_has_entry"));
}

TEST_F(UsageTest, FindsAnEntryThatNobodyAskedFor) {
  tale_.evidence().calls.clear();
  EXPECT_THAT(tale_.Found(), ElementsAre("entry_has_call"));
}

TEST_F(UsageTest, FindsUsageThatWasRecordedTwice) {
  tale_.RecordUsage(1);
  EXPECT_THAT(tale_.Found(), Contains("one_effect"));
}

TEST_F(UsageTest, FindsTwoAnswersThatBothRecordedIt) {
  tale_.Append(usage_);
  EXPECT_THAT(tale_.Found(), ElementsAre("one_effect"));
}

TEST_F(UsageTest, AllowsARepeatThatSaysSo) {
  usage_.replayed = true;
  tale_.Append(usage_);
  EXPECT_THAT(tale_.Found(), ElementsAre());
}

TEST_F(UsageTest, FindsARepeatThatAnswersOtherwise) {
  usage_.replayed = true;
  usage_.created_micros += kSecond;
  tale_.Append(usage_);
  EXPECT_THAT(tale_.Found(), ElementsAre("same_reply"));
}

TEST_F(UsageTest, FindsUsageThatDoesNotCountInALimitAboveIt) {
  tale_.last_entry().pins.pop_back();
  EXPECT_THAT(tale_.Found(), ElementsAre("every_level"));
}

TEST_F(UsageTest, FindsEntriesInTheWrongOrder) {
  tale_.RecordUsage(2);
  Call& first = tale_.evidence().calls[0];
  first.called += 100;
  first.returned += 100;
  EXPECT_THAT(tale_.Found(), ElementsAre("real_time_order"));
}

}  // namespace
}  // namespace budget::chaos
