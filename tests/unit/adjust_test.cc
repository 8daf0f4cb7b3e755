#include <gtest/gtest.h>

#include "tests/model/table.h"

namespace budget {
namespace {

TEST(AdjustReservationTest, RaisesAndLowersWhatIsHeld) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100 warn=90
    reserve r1 acme usd=50 tokens=7
    adjust r1 usd=80 -> ok held.usd=80 held.tokens=7 granted.usd=50 crossed=none
    adjust r1 usd=101 -> BUDGET_EXHAUSTED acme.life affordable=20 affordable.usd=20
    adjust r1 usd=95 -> ok held.usd=95 crossed=acme.life@90
    adjust r1 usd=5 tokens=0 -> ok held.usd=5 held.tokens=0
    check acme.life reserved=5
    adjust r1 usd=5 -> ok entries=0
  )"), "");
}

TEST(AdjustReservationTest, HoldsBesideWhatHasBeenSettled) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=50
    report r1 usd=40
    adjust r1 usd=60 -> ok held.usd=60 spent.usd=40
    check acme.life spent=40 reserved=60
    adjust r1 usd=61 -> BUDGET_EXHAUSTED acme.life affordable=0
  )"), "");
}

TEST(AdjustReservationTest, ExtendsTheTtlFromNow) {
  EXPECT_EQ(RunTable(R"(
    at 10:00 create acme
    at 10:00 reserve r1 acme usd=50 ttl=60s
    at 10:00:50 adjust r1 ttl=60s -> ok ttl=1m entries=1
    at 10:01:49 check r1 state=open
    at 10:01:50 check r1 state=expired
    adjust r1 ttl=60s -> RESERVATION_ENDED state=expired
  )"), "");
}

TEST(AdjustReservationTest, OnlyOpenReservationsCanBeAdjusted) {
  EXPECT_EQ(RunTable(R"(
    create acme
    reserve r1 acme usd=1
    settle r1
    adjust r1 usd=1 -> RESERVATION_ENDED state=settled
    reserve r2 acme usd=1
    release r2
    adjust r2 usd=1 -> RESERVATION_ENDED state=released
    adjust r3 usd=1 -> RESERVATION_NOT_FOUND
  )"), "");
}

TEST(AdjustReservationTest, RaisesNothingUnderAFreezeButLowersAndExtends) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    reserve r1 acme/a usd=50 ttl=60s
    freeze acme
    adjust r1 usd=51 -> ALLOCATION_FROZEN
    adjust r1 usd=40 ttl=90s -> ok held.usd=40 ttl=1m30s
    unfreeze acme
    archive acme/a
    adjust r1 usd=41 -> ALLOCATION_ARCHIVED
    adjust r1 ttl=30s -> ok ttl=30s
  )"), "");
}

TEST(AdjustReservationTest, RaisesInTheWindowThatAdmittedTheHold) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.day usd day/UTC cap=100
    at 23:59 reserve r1 acme usd=50 ttl=24h
    at 23:59 record u1 acme usd=50
    at 2026-06-16T00:00:00Z adjust r1 usd=101 -> BUDGET_EXHAUSTED acme.day retry=none
    reserve r2 acme usd=100 -> ok      # the new day is untouched
    adjust r1 usd=40 -> ok
    adjust r1 usd=50 -> ok
  )"), "");
}

TEST(AdjustReservationTest, LowersEvenAboveTheCap) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=90
    limit acme.life usd lifetime cap=10
    adjust r1 usd=80 -> ok held.usd=80
    adjust r1 usd=81 -> BUDGET_EXHAUSTED acme.life affordable=0
  )"), "");
}

}  // namespace
}  // namespace budget
