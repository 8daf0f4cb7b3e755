// Reads of limits whose windows move, and of all that there are.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/chaos/tale.h"

namespace budget::chaos {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kMidnight = 1'700'006'400 * kSecond;
static_assert(DayAt(kMidnight - 1) < DayAt(kMidnight));

// What is found where, after a use of ten tokens at the start, a read at a time
// shows so many of them.
std::vector<std::string> FoundInBurst(int64_t at_micros, int64_t spent) {
  Tale tale;
  tale.Reserve(1);
  tale.Settle(1);
  tale.Look(kBurstOnly, at_micros, {{kBurst, spent, 0, 0}});
  return tale.Found();
}

TEST(RollingReadTest, SpendCountsUntilItsBucketIsOld) {
  EXPECT_THAT(FoundInBurst(kStart + 61 * kSecond - 1, 10), ElementsAre());
  EXPECT_THAT(FoundInBurst(kStart + 61 * kSecond, 0), ElementsAre());
}

TEST(RollingReadTest, FindsSpendThatIsForgottenTooEarly) {
  EXPECT_THAT(FoundInBurst(kStart + 61 * kSecond - 1, 0),
              ElementsAre("read_matches"));
}

TEST(RollingReadTest, FindsSpendThatCountsForTooLong) {
  EXPECT_THAT(FoundInBurst(kStart + 61 * kSecond, 10),
              ElementsAre("read_matches"));
}

// Time stands still until the clock has caught up.
TEST(RollingReadTest, TimeDoesNotFallBehindTheLastEntry) {
  Tale tale;
  tale.Reserve(1);
  tale.Settle(1);
  tale.Reserve(2);
  tale.last_entry().at_micros = kStart + 61 * kSecond;
  tale.Look(kBurstOnly, kStart + 60 * kSecond, {{kBurst, 0, 10, 0}});
  tale.evidence().calls.clear();  // of whose times this is not
  tale.evidence().setup_entries = 4;
  Verdicts verdicts = tale.Judge();
  EXPECT_EQ(verdicts.violations(Invariant::kReadMatches), 0);
}

TEST(RollingReadTest, FindsOtherOverage) {
  Tale tale;
  tale.RecordUsage(1, 10, 5);
  tale.Look(kBurstOnly, kStart + 9 * kSecond, {{kBurst, 10, 0, 5}});
  EXPECT_THAT(tale.Found(), ElementsAre());
  tale.Look(kBurstOnly, kStart + 9 * kSecond, {{kBurst, 10, 0, 4}});
  EXPECT_THAT(tale.Found(), ElementsAre("read_matches"));
}

TEST(RollingReadTest, AHoldCountsUntilItsTime) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Look(kBurstOnly, call.expires_micros - 1, {{kBurst, 0, 10, 0}});
  tale.Look(kBurstOnly, call.expires_micros, {{kBurst, 0, 0, 0}});
  EXPECT_THAT(tale.Found(), ElementsAre());
  tale.Look(kBurstOnly, call.expires_micros, {{kBurst, 0, 10, 0}});
  EXPECT_THAT(tale.Found(), ElementsAre("read_matches"));
}

TEST(RollingReadTest, AllowsAHoldOfUnknownTimeToCountOrNot) {
  Tale tale;
  tale.Reserve(1);
  tale.last_call().answer = Answer::kUnknown;
  tale.last_call().expires_micros = 0;
  tale.Look(kBurstOnly, kStart + 9 * kSecond, {{kBurst, 0, 10, 0}});
  tale.Look(kBurstOnly, kStart + 9 * kSecond, {{kBurst, 0, 0, 0}});
  EXPECT_THAT(tale.Found(), ElementsAre());
  tale.Look(kBurstOnly, kStart + 9 * kSecond, {{kBurst, 0, 11, 0}});
  EXPECT_THAT(tale.Found(), ElementsAre("read_matches"));
}

TEST(RollingReadTest, WhatIsAdjustedCountsAsItIs) {
  Tale tale;
  const Call call = tale.Reserve(1);
  tale.Adjust(1, 10, 25);
  tale.Look(kBurstOnly, kStart + 9 * kSecond, {{kBurst, 0, 25, 0}});
  tale.Look(kBurstOnly, call.expires_micros, {{kBurst, 0, 0, 0}});
  EXPECT_THAT(tale.Found(), ElementsAre());
}

// A hold of five nanos, in the window of the day in which it was admitted.
class CalendarReadTest : public ::testing::Test {
 protected:
  CalendarReadTest() {
    tale_.evidence().limits_of_target[kSlotsAndBurst].push_back(kDay);
    tale_.Reserve(1);
    tale_.last_entry().reserved[0] = 5;
    tale_.last_entry().pins.push_back({kDay, DayAt(kStart)});
    tale_.last_call().asked[0] = tale_.last_call().granted[0] = 5;
    tale_.last_call().expires_micros = kMidnight + 100 * kSecond;
  }
  void See(int64_t at_micros, int64_t reserved, int64_t window) {
    tale_.Look(kDayOnly, at_micros, {{kDay, 0, reserved, 0, window}});
  }

  Tale tale_;
};

TEST_F(CalendarReadTest, AHoldCountsInItsDay) {
  See(kMidnight - 1, 5, DayAt(kStart));
  See(kMidnight, 0, DayAt(kMidnight));
  EXPECT_THAT(tale_.Found(), ElementsAre());
}

TEST_F(CalendarReadTest, FindsAHoldThatCountsInTheNextDay) {
  See(kMidnight, 5, DayAt(kMidnight));
  EXPECT_THAT(tale_.Found(), ElementsAre("read_matches"));
}

TEST_F(CalendarReadTest, FindsAHoldThatDoesNotCountInItsDay) {
  See(kMidnight - 1, 0, DayAt(kStart));
  EXPECT_THAT(tale_.Found(), ElementsAre("read_matches"));
}

TEST_F(CalendarReadTest, FindsTheWindowOfAnotherDay) {
  See(kMidnight - 1, 5, DayAt(kMidnight));
  EXPECT_THAT(tale_.Found(), ElementsAre("read_matches"));
}

// It was due in a window that is over.
TEST_F(CalendarReadTest, WhatIsDueIsTakenFromItsOwnDay) {
  See(kMidnight + 200 * kSecond, 0, DayAt(kMidnight));
  EXPECT_THAT(tale_.Found(), ElementsAre());
}

TEST(WholeReadTest, FindsALimitThatIsLeftOut) {
  Tale tale;
  tale.Look(kSlotsAndBurst, kStart + kSecond, {{kSlots, 0, 0, 0}});
  EXPECT_THAT(tale.Found(), ElementsAre("read_matches"));
}

TEST(WholeReadTest, FindsALimitThatIsShownTwice) {
  Tale tale;
  tale.Look(kSlotsOnly, kStart + kSecond,
            {{kSlots, 0, 0, 0}, {kSlots, 0, 0, 0}});
  EXPECT_THAT(tale.Found(), ElementsAre("read_matches"));
}

TEST(WholeReadTest, FindsALimitThatNobodyKnows) {
  Tale tale;
  tale.Look(kSlotsOnly, kStart + kSecond, {{kSlots, 0, 0, 0}, {0, 0, 0, 0}});
  EXPECT_THAT(tale.Found(), ElementsAre("read_matches"));
}

}  // namespace
}  // namespace budget::chaos
