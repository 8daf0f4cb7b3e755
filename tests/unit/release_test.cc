#include <gtest/gtest.h>

#include "tests/model/table.h"

namespace budget {
namespace {

TEST(ReleaseTest, FreesTheHoldAndIsFineAgain) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=60
    release r1 -> ok state=released held.usd=0 entries=1
    check acme.life spent=0 reserved=0
    release r1 -> ok state=released entries=0
    release r2 -> RESERVATION_NOT_FOUND
    reserve r1 acme usd=60 -> ok replayed state=released
  )"), "");
}

TEST(ReleaseTest, IsRefusedOnceUsageWasReported) {
  EXPECT_EQ(RunTable(R"(
    create acme
    reserve r1 acme usd=60
    report r1 usd=1
    release r1 -> USAGE_RECORDED held.usd=59 spent.usd=1
    settle r1 usd=2
    release r1 -> RESERVATION_SETTLED spent.usd=2
  )"), "");
}

TEST(ReleaseTest, AfterExpiryChangesNothingWhereNothingWasCharged) {
  EXPECT_EQ(RunTable(R"(
    create acme
    reserve r1 acme usd=60 ttl=1s
    after 1s release r1 -> ok state=expired late=false
    release r1 -> ok entries=0
    settle r1 usd=3 -> ok late=true spent.usd=3
    release r1 -> RESERVATION_SETTLED
  )"), "");
}

TEST(ReleaseTest, AfterExpiryTakesBackWhatExpiryCharged) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=60 ttl=1s on_expiry=settle_held
    after 1s check acme.life spent=60
    release r1 -> ok state=expired spent.usd=0 late=true
    check acme.life spent=0 reserved=0
    release r1 -> ok entries=0
    settle r1 usd=5 -> RESERVATION_SETTLED
  )"), "");
}

TEST(ReleaseTest, AfterExpiryIsRefusedOnceUsageWasReported) {
  EXPECT_EQ(RunTable(R"(
    create acme
    reserve r1 acme usd=60 ttl=1s
    report r1 usd=5
    after 1s release r1 -> USAGE_RECORDED state=expired spent.usd=5
  )"), "");
}

}  // namespace
}  // namespace budget
