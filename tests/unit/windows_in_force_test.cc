#include <gtest/gtest.h>

#include "tests/model/table.h"

namespace budget {
namespace {

TEST(CalendarLimitTest, BeginsAnewWithEachPeriod) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.day usd day/Europe/Berlin cap=100
    at 2026-06-15T21:59:59Z record u1 acme usd=100
    check acme.day spent=100 remaining=0 reset=2026-06-15T22:00:00Z
    reserve r1 acme usd=1 -> WINDOW_EXHAUSTED acme.day retry=1s
    at 2026-06-15T22:00:00Z check acme.day spent=0 remaining=100 reset=2026-06-16T22:00:00Z
    reserve r1 acme usd=100 -> ok
  )"), "");
}

TEST(CalendarLimitTest, AHoldSettlesInTheWindowThatAdmittedIt) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.day usd day/UTC cap=100
    at 23:59:50 reserve r1 acme usd=60
    at 2026-06-16T00:00:10Z reserve r2 acme usd=100 -> ok
    settle r1 usd=110 -> ok spent.usd=100 overage.usd=10
    check acme.day spent=0 reserved=100 overage=0
  )"), "");
}

TEST(CalendarLimitTest, WaitsForHoldsNoLongerThanTheWindowLasts) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.day usd day/UTC cap=100
    at 23:00 reserve r1 acme usd=100 ttl=24h
    reserve r2 acme usd=1 -> BUDGET_HELD acme.day retry=1s
    at 23:59:59.75 reserve r2 acme usd=1 -> BUDGET_HELD acme.day retry=250ms
  )"), "");
}

TEST(CalendarLimitTest, OverageBlocksUntilTheNextWindow) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.day usd day/UTC cap=100
    at 23:00 record u1 acme usd=150
    check acme.day spent=100 overage=50
    reserve r1 acme usd=1 -> OVERAGE_OUTSTANDING acme.day retry=none
    at 2026-06-16T00:00:00Z reserve r1 acme usd=1 -> ok
  )"), "");
}

TEST(CalendarLimitTest, FollowsTheClocksOfItsZone) {
  EXPECT_EQ(RunTable(R"(
    at 2026-10-25T00:30:00Z create acme
    limit acme.hour usd hour/Europe/Berlin cap=10
    limit acme.day tokens day/Europe/Berlin cap=10
    record u1 acme usd=10 tokens=10                 # 02:30 summer time
    reserve r1 acme usd=1 -> WINDOW_EXHAUSTED acme.hour retry=30m
    reserve r2 acme tokens=1 -> WINDOW_EXHAUSTED acme.day retry=22h30m   # of 25 hours
    at 2026-10-25T01:00:00Z reserve r1 acme usd=1 -> ok   # 02:00 again: another hour
    check acme.hour reserved=1 reset=2026-10-25T02:00:00Z
  )"), "");
}

// A window of one minute has buckets of one second.
TEST(RollingLimitTest, CountsSpendUntilItsWholeBucketIsADurationOld) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.roll usd rolling/1m cap=100
    at 10:00:00.5 record u1 acme usd=60
    at 10:00:10 record u2 acme usd=40
    check acme.roll spent=100 remaining=0 reset=10:01:01
    reserve r1 acme usd=1 -> WINDOW_EXHAUSTED acme.roll affordable=0 retry=51s
    reserve r2 acme usd=61 -> WINDOW_EXHAUSTED acme.roll retry=1m1s
    at 10:01:00.999999 check acme.roll spent=100
    at 10:01:01 check acme.roll spent=40 reset=10:01:11
    reserve r1 acme usd=60 -> ok
    at 10:01:11 check acme.roll spent=0 reserved=60
  )"), "");
}

TEST(RollingLimitTest, CountsAHoldAsLongAsItIsOpen) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.roll usd rolling/10s cap=100
    at 10:00 reserve r1 acme usd=100 ttl=1h
    at 10:30 check acme.roll reserved=100 remaining=0
    reserve r2 acme usd=1 -> WINDOW_EXHAUSTED acme.roll retry=1s   # settled, it would be gone
    settle r1 usd=100 -> ok spent.usd=100
    check acme.roll spent=0 reserved=0 remaining=100
  )"), "");
}

TEST(RollingLimitTest, WaitsAsIfEveryHoldSettledInFull) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.roll usd rolling/1m cap=100
    at 10:00:00 record u1 acme usd=30
    at 10:00:20 reserve r1 acme usd=50 ttl=10s
    at 10:00:21 record u2 acme usd=20
    at 10:00:22 reserve r2 acme usd=30 -> WINDOW_EXHAUSTED acme.roll retry=39s
    reserve r3 acme usd=31 -> WINDOW_EXHAUSTED acme.roll retry=59s
    reserve r4 acme usd=100 -> WINDOW_EXHAUSTED acme.roll retry=1m
  )"), "");
}

TEST(RollingLimitTest, OverageAgesOutLikeSpendAndIsWaitedFor) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.roll usd rolling/1m cap=100
    at 10:00:00 record u1 acme usd=40
    at 10:00:10 record u2 acme usd=70
    check acme.roll spent=100 overage=10 remaining=0
    reserve r1 acme usd=30 -> WINDOW_EXHAUSTED acme.roll retry=51s   # 60 and 10 stay
    reserve r2 acme usd=31 -> WINDOW_EXHAUSTED acme.roll retry=1m1s
    at 10:01:01 reserve r1 acme usd=30 -> ok
    at 10:01:11 check acme.roll spent=0 reserved=30 overage=0
  )"), "");
}

TEST(RollingLimitTest, ASettlementOfABucketThatAgedOutIsNotBoundByIt) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.roll usd rolling/10s cap=100
    at 10:00 reserve r1 acme usd=10 ttl=1h
    at 10:30 settle r1 usd=500 -> ok spent.usd=500 overage.usd=0
    check acme.roll spent=0 overage=0
  )"), "");
}

TEST(RollingLimitTest, HasBucketsThatNoMicrosecondDivides) {
  EXPECT_EQ(RunTable(R"(
    at 1970-01-01T00:00:00Z create acme
    limit acme.roll usd rolling/7s cap=100     # buckets of 116,666.67 us
    at 1970-01-01T00:00:00.116666Z record u1 acme usd=1    # bucket 0
    at 1970-01-01T00:00:00.116667Z record u2 acme usd=2    # bucket 1
    at 1970-01-01T00:00:07.116666Z check acme.roll spent=3
    at 1970-01-01T00:00:07.116667Z check acme.roll spent=2
    at 1970-01-01T00:00:07.233333Z check acme.roll spent=2
    at 1970-01-01T00:00:07.233334Z check acme.roll spent=0
  )"), "");
}

}  // namespace
}  // namespace budget
