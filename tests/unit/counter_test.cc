#include "server/domain/counter.h"

#include <gtest/gtest.h>

namespace budget {
namespace {

Limit Rolling(absl::Duration duration) {
  return {.id = 3,
          .allocation = 1,
          .spec = {.name = "roll",
                   .unit = Unit::kTokens,
                   .window = Window::Rolling(duration)}};
}

Limit Lifetime() { return {.id = 4, .allocation = 1, .spec = {.name = "life"}}; }

absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(seconds); }

TEST(CounterTest, AddsUpForALifetimeLimit) {
  Counter counter;
  Apply(Lifetime(), 0, {.reserved = 50}, At(0), counter);
  Apply(Lifetime(), 0, {.spent = 30, .reserved = -50, .overage = 2,
                        .unpriced = 1}, At(9), counter);
  Age(Lifetime(), At(1'000'000), counter);
  EXPECT_EQ(counter.tally, (Tally{.spent = 30, .overage = 2, .unpriced = 1}));
  EXPECT_TRUE(counter.buckets.empty());
}

TEST(CounterTest, KeepsRollingSpendByBucketInOrder) {
  const Limit limit = Rolling(absl::Minutes(1));
  Counter counter;
  Apply(limit, 20, {.spent = 5}, At(20), counter);
  Apply(limit, 10, {.spent = 7, .overage = 1}, At(20), counter);
  Apply(limit, 20, {.spent = 1}, At(20), counter);
  ASSERT_EQ(counter.buckets.size(), 2u);
  EXPECT_EQ(counter.buckets[0],
            (Bucket{.number = 10, .spent = 7, .overage = 1}));
  EXPECT_EQ(counter.buckets[1], (Bucket{.number = 20, .spent = 6}));
  EXPECT_EQ(counter.tally, (Tally{.spent = 13, .overage = 1}));
}

TEST(CounterTest, DropsBucketsAsTheyAgeOut) {
  const Limit limit = Rolling(absl::Minutes(1));
  Counter counter;
  Apply(limit, 10, {.spent = 7, .overage = 1, .unpriced = 1}, At(10), counter);
  Apply(limit, 20, {.spent = 5}, At(20), counter);
  Age(limit, At(71) - absl::Microseconds(1), counter);
  EXPECT_EQ(counter.tally.spent, 12);
  Age(limit, At(71), counter);
  EXPECT_EQ(counter.tally, (Tally{.spent = 5}));
  EXPECT_EQ(counter.buckets.size(), 1u);
  Age(limit, At(81), counter);
  EXPECT_EQ(counter, Counter{});
}

TEST(CounterTest, CountsAHoldHoweverOldAndSpendOnlyWhileItIsLive) {
  const Limit limit = Rolling(absl::Minutes(1));
  Counter counter;
  Apply(limit, 10, {.reserved = 40}, At(10), counter);
  Age(limit, At(1000), counter);
  EXPECT_EQ(counter.tally, (Tally{.reserved = 40}));
  Apply(limit, 10, {.spent = 30, .reserved = -40, .overage = 3}, At(1000),
        counter);
  EXPECT_EQ(counter, Counter{});
}

TEST(CounterTest, KeepsNoEmptyBuckets) {
  const Limit limit = Rolling(absl::Minutes(1));
  Counter counter;
  Apply(limit, 10, {.spent = 7}, At(10), counter);
  Apply(limit, 10, {.spent = -7}, At(11), counter);
  EXPECT_EQ(counter, Counter{});
}

TEST(CounterTest, ARollingLimitHasOneCounterForAllBuckets) {
  EXPECT_EQ(CounterKeyOf(Rolling(absl::Minutes(1)), 77),
            (Pin{.limit = 3, .window = 0}));
  EXPECT_EQ(CounterKeyOf(Lifetime(), 0), (Pin{.limit = 4, .window = 0}));
  Limit day = Lifetime();
  day.spec.window = Window::Calendar(CalendarPeriod::kDay, "UTC",
                                     absl::UTCTimeZone());
  EXPECT_EQ(CounterKeyOf(day, 86400), (Pin{.limit = 4, .window = 86400}));
}

}  // namespace
}  // namespace budget
