#include <gtest/gtest.h>

#include "tests/model/table.h"

namespace budget {
namespace {

TEST(ExpireTest, HappensWithinTheOperationAtTheVeryMoment) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    at 10:00 reserve r1 acme usd=100 ttl=60s
    at 10:00:59.999999 reserve r2 acme usd=1 -> BUDGET_EXHAUSTED acme.life
    at 10:01 reserve r2 acme usd=100 -> ok entries=2
    check r1 state=expired held.usd=0 spent.usd=0
  )"), "");
}

TEST(ExpireTest, SpendsTheRestOfTheHoldWhereToldTo) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=100 tokens=5 ttl=60s on_expiry=settle_held
    report r1 usd=30
    after 60s sweep acme -> ok entries=1
    check r1 state=expired held.usd=0 spent.usd=100 spent.tokens=5 spent.requests=1 reported.usd=30 late=false
    check acme.life spent=100 reserved=0
    sweep acme -> ok entries=0
  )"), "");
}

TEST(ExpireTest, ALateSettleReplacesWhatExpiryCharged) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=80 ttl=60s on_expiry=settle_held
    after 60s settle r1 usd=25 -> ok state=expired late=true spent.usd=25 spent.requests=1
    check acme.life spent=25
    reserve r2 acme usd=70 ttl=60s on_expiry=settle_held
    after 60s report r2 usd=10 -> ok spent.usd=70      # until it is final
    settle r2 usd=90 -> ok spent.usd=75 overage.usd=15
  )"), "");
}

TEST(ExpireTest, TimeStandsStillWhereTheDatabaseClockIsSetBack) {
  EXPECT_EQ(RunTable(R"(
    at 10:00 create acme
    reserve r1 acme usd=1 ttl=60s
    at 09:59 reserve r2 acme usd=1 ttl=60s -> ok ttl=2m     # as if at 10:00
    at 10:01 check r2 state=expired
  )"), "");
}

TEST(ExpireTest, FreesInTheWindowThatAdmitted) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.day usd day/UTC cap=100
    at 23:59 reserve r1 acme usd=100 ttl=1h
    at 2026-06-16T00:30:00Z check acme.day reserved=0 remaining=100
    at 2026-06-16T00:59:00Z check acme.day spent=0 reserved=0
    check r1 state=expired
  )"), "");
}

}  // namespace
}  // namespace budget
