#include <gtest/gtest.h>

#include "tests/model/table.h"

namespace budget {
namespace {

TEST(LimitsTest, ACapBelowUsageIsInForceAtOnceAndUsageMayOnlyFall) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    record u1 acme usd=40
    reserve r1 acme usd=60
    limit acme.life usd lifetime cap=50 -> ok
    check acme.life spent=40 reserved=60 remaining=0 cap=50
    reserve r2 acme usd=1 -> BUDGET_EXHAUSTED acme.life affordable=0
    settle r1 usd=70 -> ok spent.usd=60 overage.usd=10   # its own hold stays good
    balance acme.life usd=-70
    check acme.life spent=40 overage=0 remaining=10
    reserve r2 acme usd=10 -> ok
  )"), "");
}

TEST(LimitsTest, ANewLimitStartsFromTheLedgerAndTheOpenHolds) {
  EXPECT_EQ(RunTable(R"(
    at 2026-06-14T10:00:00Z create acme
    create acme/a
    create acme/a/x
    create acme/b
    record u0 acme/a usd=100          # the day before
    at 10:00 record u1 acme/a/x usd=7
    record u2 acme/b usd=50
    record u3 acme/a+acme/b usd=5
    reserve r1 acme/a usd=30
    report r1 usd=10
    reserve r2 acme/a/x usd=20 ttl=1s
    after 1s limit acme/a.day usd day/UTC cap=60
    check acme/a.day spent=22 reserved=20 overage=0 remaining=18
    limit acme/a.life usd lifetime cap=100
    check acme/a.life spent=122 reserved=20 remaining=0
    settle r1 usd=35 -> ok spent.usd=30 overage.usd=5 pins=2
    check acme/a.life spent=142 reserved=0 overage=5
  )"), "");
}

TEST(LimitsTest, AnOpenHoldSettlesIntoALimitThatWasAddedAfterIt) {
  EXPECT_EQ(RunTable(R"(
    create acme
    reserve r1 acme usd=30
    limit acme.life usd lifetime cap=100
    check acme.life spent=0 reserved=30
    settle r1 usd=25 -> ok pins=1 spent.usd=25
    check acme.life spent=25 reserved=0
    reserve r2 acme usd=75 -> ok
  )"), "");
}

TEST(LimitsTest, ANewRollingLimitStartsWithTheBucketsThatAreLive) {
  EXPECT_EQ(RunTable(R"(
    create acme
    at 10:00:00 record u1 acme usd=10
    at 10:00:30 record u2 acme usd=20
    at 10:00:45 reserve r1 acme usd=5
    at 10:01:20 limit acme.roll usd rolling/1m cap=100
    check acme.roll spent=20 reserved=5 reset=10:01:31
    at 10:01:31 check acme.roll spent=0 reserved=5
  )"), "");
}

TEST(LimitsTest, ANewLimitCountsWhatExpiryChargesInTheSameMoment) {
  EXPECT_EQ(RunTable(R"(
    create acme
    reserve r1 acme usd=30 ttl=1s on_expiry=settle_held
    after 1s limit acme.life usd lifetime cap=100
    check acme.life spent=30 reserved=0
    settle r1 usd=20 -> ok late=true
  )"), "");
}

TEST(LimitsTest, ANameInUseKeepsItsUnitAndWindow) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.l usd lifetime cap=100 -> ok version=2
    limit acme.l tokens lifetime cap=100 -> INVALID_FIELD field=limit.unit
    limit acme.l usd day/UTC cap=100 -> INVALID_FIELD field=limit.window
    limit acme.l usd lifetime cap=90 version=1 -> ETAG_MISMATCH
    limit acme.l usd lifetime cap=90 version=none -> INVALID_FIELD field=etag
    limit acme.l usd lifetime cap=90 warn=50 request=q -> ok version=3 entries=1
    limit acme.l usd lifetime cap=90 warn=50 version=2 request=q -> ok entries=0
    limit acme.l usd lifetime cap=91 version=2 request=q -> IDEMPOTENCY_MISMATCH
    check acme.l cap=90
    limit acme/b.l usd lifetime cap=1 -> ALLOCATION_NOT_FOUND
  )"), "");
}

TEST(LimitsTest, ARemovedLimitIsGoneAndItsNameIsFree) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.l usd lifetime cap=10
    record u1 acme usd=10
    reserve r1 acme usd=1 -> BUDGET_EXHAUSTED acme.l
    remove acme.l version=1 -> ETAG_MISMATCH
    remove acme.l -> ok version=3
    remove acme.l -> LIMIT_NOT_FOUND
    reserve r1 acme usd=5 -> ok pins=0
    limit acme.l tokens lifetime cap=10 -> ok
    limit acme.m usd lifetime cap=100
    check acme.m spent=10 reserved=5
    settle r1 usd=5 tokens=20 -> ok spent.usd=5 spent.tokens=10 overage.tokens=10
  )"), "");
}

TEST(LimitsTest, ANewLimitIsRefusedWhereNoCounterCouldKeepWhatItStartsFrom) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    create acme/b
    reserve r1 acme/a tokens=max
    reserve r2 acme/a tokens=max
    reserve r3 acme/b tokens=max
    reserve r4 acme/b tokens=max
    limit acme.life tokens lifetime cap=none -> COUNTER_OVERFLOW entries=0
    limit acme.roll tokens rolling/1h cap=none -> COUNTER_OVERFLOW entries=0
    limit acme/a.day tokens day/UTC cap=none -> COUNTER_OVERFLOW entries=0
    release r2
    limit acme/a.day tokens day/UTC cap=none -> ok
    settle r1 tokens=max
    limit acme/a.life tokens lifetime cap=none -> ok
    check acme/a.life spent=2305843009213693952 reserved=0
    record u1 acme/b tokens=1
    release r4
    limit acme/b.life tokens lifetime cap=none -> COUNTER_OVERFLOW
    settle r3 tokens=5
    limit acme/b.life tokens lifetime cap=none -> ok
  )"), "");
}

TEST(LimitsTest, ANewRollingLimitAddsUpWhatAllItsBucketsHold) {
  EXPECT_EQ(RunTable(R"(
    create acme
    at 10:00 reserve r1 acme tokens=max
    at 10:05 reserve r2 acme tokens=1
    limit acme.roll tokens rolling/1h cap=none -> COUNTER_OVERFLOW entries=0
    release r2
    limit acme.roll tokens rolling/1h cap=none -> ok
  )"), "");
}

TEST(LimitsTest, AnUncappedLimitCounts) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.l usd lifetime cap=none warn=50
    reserve r1 acme usd=1000 -> ok crossed=none
    check acme.l reserved=1000 cap=none remaining=none reset=none
    limit acme.l usd lifetime cap=10 warn=50
    check acme.l remaining=0
  )"), "");
}

}  // namespace
}  // namespace budget
