#include "tests/sim/history.h"

#include <gtest/gtest.h>

namespace budget::sim {
namespace {

TEST(HistoryTest, AnEmptyOneIsInOrder) {
  EXPECT_FALSE(CheckRealTime({}).has_value());
}

TEST(HistoryTest, CallsOneAfterTheOtherAreAnsweredInThatOrder) {
  EXPECT_FALSE(CheckRealTime({{1, 2, 10}, {3, 4, 11}}).has_value());
  EXPECT_TRUE(CheckRealTime({{1, 2, 11}, {3, 4, 10}}).has_value());
}

TEST(HistoryTest, CallsThatOverlapMayTakeEffectInAnyOrder) {
  EXPECT_FALSE(CheckRealTime({{1, 3, 11}, {2, 4, 10}}).has_value());
}

TEST(HistoryTest, CallsOfOneBatchShareTheirTransaction) {
  EXPECT_FALSE(CheckRealTime({{1, 3, 10}, {2, 3, 10}}).has_value());
}

TEST(HistoryTest, FindsABreachAmongManyThatOverlap) {
  EXPECT_TRUE(CheckRealTime({{1, 100, 50},
                             {2, 10, 40},
                             {5, 30, 20},
                             {11, 90, 39},
                             {31, 80, 60}})
                  .has_value());
}

TEST(HistoryTest, TheOrderOfTheRecordsDoesNotMatter) {
  EXPECT_TRUE(CheckRealTime({{3, 4, 10}, {1, 2, 11}}).has_value());
}

}  // namespace
}  // namespace budget::sim
