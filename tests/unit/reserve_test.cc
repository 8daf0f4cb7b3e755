#include <gtest/gtest.h>

#include "tests/model/table.h"

namespace budget {
namespace {

TEST(ReserveTest, HoldsUntilTheCapAndNotOneMore) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=60 -> ok held.usd=60 held.tokens=0 held.requests=1 state=open
    reserve r2 acme usd=41 -> BUDGET_EXHAUSTED acme.life affordable=40 retry=none
    reserve r3 acme usd=40 -> ok
    reserve r4 acme usd=1 -> BUDGET_EXHAUSTED acme.life affordable=0 affordable.usd=0
    reserve r5 acme usd=0 -> ok       # nothing always fits
    check acme.life spent=0 reserved=100 overage=0 remaining=0
  )"), "");
}

TEST(ReserveTest, DeniesWhenAnAncestorIsExhausted) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/search
    create acme/search/key
    limit acme.life usd lifetime cap=10
    limit acme/search.tokens tokens lifetime cap=1000
    limit acme/search/key.life usd lifetime cap=50
    reserve r1 acme/search/key usd=11 tokens=5 -> BUDGET_EXHAUSTED acme.life affordable=10 affordable.usd=10 affordable.tokens=5
    check acme/search/key.life reserved=0
    reserve r2 acme/search/key usd=10 tokens=5 -> ok
    check acme.life reserved=10
    check acme/search.tokens reserved=5
    check acme/search/key.life reserved=10
  )"), "");
}

TEST(ReserveTest, NamesEveryLimitThatDoesNotFitAndReportsTheMostLasting) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.day usd day/UTC cap=10
    limit acme.life tokens lifetime cap=10
    record u1 acme usd=10 tokens=10
    reserve r1 acme usd=1 tokens=1 -> BUDGET_EXHAUSTED acme.day acme.life retry=none
    reserve r2 acme usd=1 tokens=0 -> WINDOW_EXHAUSTED acme.day retry=14h
  )"), "");
}

TEST(ReserveTest, WaitsForTheLongestOfSeveralWindows) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.hour usd hour/UTC cap=10
    limit acme.day usd day/UTC cap=10
    at 10:59 record u1 acme usd=10
    reserve r1 acme usd=1 -> WINDOW_EXHAUSTED acme.hour acme.day retry=13h1m
  )"), "");
}

TEST(ReserveTest, CountsASharedAncestorOnce) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/key
    create acme/user
    limit acme.life usd lifetime cap=100
    limit acme/key.life usd lifetime cap=70
    limit acme/user.life usd lifetime cap=70
    reserve r1 acme/key+acme/user+acme usd=60 -> ok pins=3
    check acme.life reserved=60
    check acme/key.life reserved=60
    check acme/user.life reserved=60
    reserve r2 acme/key+acme/user usd=20 -> BUDGET_EXHAUSTED acme/key.life acme/user.life affordable.usd=10
    check acme.life reserved=60
    settle r1 usd=10
    check acme.life spent=10 reserved=0
  )"), "");
}

TEST(ReserveTest, SaysThatOnlyHoldsAreInTheWayWhereThePolicyLetsItRetry) {
  EXPECT_EQ(RunTable(R"(
    create acme held=retry
    create acme/final held=final
    limit acme.life usd lifetime cap=100
    limit acme/final.life usd lifetime cap=50
    record u1 acme usd=40
    reserve r1 acme usd=60
    reserve r2 acme usd=60 -> BUDGET_HELD acme.life affordable=0 retry=1s
    reserve r3 acme usd=61 -> BUDGET_EXHAUSTED acme.life retry=none   # spent is in the way
    reserve r4 acme usd=101 -> BUDGET_EXHAUSTED acme.life retry=none
    release r1
    reserve r5 acme/final usd=30
    reserve r6 acme/final usd=30 -> BUDGET_EXHAUSTED acme/final.life retry=none
  )"), "");
}

TEST(ReserveTest, NeverWaitsForWhatIsLargerThanTheCap) {
  EXPECT_EQ(RunTable(R"(
    create acme held=retry
    limit acme.day usd day/UTC cap=10
    limit acme.roll tokens rolling/1m cap=10
    limit acme.zero requests hour/UTC cap=0
    reserve r1 acme usd=11 requests=0 -> BUDGET_EXHAUSTED acme.day retry=none
    reserve r2 acme tokens=11 requests=0 -> BUDGET_EXHAUSTED acme.roll retry=none
    reserve r3 acme -> BUDGET_EXHAUSTED acme.zero retry=none affordable.requests=0
    reserve r4 acme requests=0 -> ok
  )"), "");
}

TEST(ReserveTest, AsksForNothingButOneRequestByDefault) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.calls requests lifetime cap=2
    reserve r1 acme -> ok requested.usd=0 requested.tokens=0 requested.requests=1 ttl=10m
    reserve r2 acme requests=2 -> BUDGET_EXHAUSTED acme.calls affordable=1
    reserve r3 acme requests=0 ttl=24h -> ok ttl=24h
  )"), "");
}

TEST(ReserveTest, HoldsTheLargestAmountsThatFitDownToAMinimum) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    limit acme.life usd lifetime cap=100
    limit acme/a.tokens tokens lifetime cap=30
    reserve r1 acme/a usd=80 tokens=10
    reserve r2 acme/a usd=50 tokens=10 min.usd=5 -> ok requested.usd=50 granted.usd=20 held.usd=20 held.tokens=10
    reserve r3 acme/a usd=1 tokens=30 min.tokens=1 -> BUDGET_EXHAUSTED acme.life  # never trimmed unasked
    reserve r4 acme/a tokens=30 min.tokens=11 -> BUDGET_EXHAUSTED acme/a.tokens affordable=10
    reserve r5 acme/a tokens=30 min.tokens=10 -> ok held.tokens=10
    reserve r6 acme/a tokens=30 min.tokens=0 -> ok held.tokens=0 granted.tokens=0
  )"), "");
}

TEST(ReserveTest, TriesWithoutHolding) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    try r1 acme usd=60 -> ok held.usd=60 entries=0
    check acme.life reserved=0 remaining=100
    try r1 acme usd=101 -> BUDGET_EXHAUSTED acme.life
    reserve r1 acme usd=60 -> ok
    try r1 acme usd=60 -> ok replayed state=open
    settle r1 usd=70 tokens=7
    try r1 acme usd=60 -> ok replayed state=settled spent.usd=70
    try r1 acme usd=61 -> IDEMPOTENCY_MISMATCH field=amounts.usd_nanos
  )"), "");
}

TEST(ReserveTest, AnswersTheSameAgainWithItsFirstAnswer) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100 warn=50
    reserve r1 acme usd=60 tag=a -> ok crossed=acme.life@50 entries=1
    reserve r1 acme usd=60 tag=a -> ok replayed crossed=acme.life@50 entries=0 state=open
    check acme.life reserved=60
    freeze acme
    reserve r1 acme usd=60 tag=a -> ok replayed     # before anything else is asked
    after 1h reserve r1 acme usd=60 tag=a -> ok replayed state=expired
    check acme.life reserved=0
  )"), "");
}

TEST(ReserveTest, NamesTheFieldInWhichARepeatDiffers) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    reserve r1 acme usd=60 ttl=60s
    reserve r1 acme/a usd=60 ttl=60s -> IDEMPOTENCY_MISMATCH field=allocations
    reserve r1 acme usd=61 ttl=60s -> IDEMPOTENCY_MISMATCH field=amounts.usd_nanos
    reserve r1 acme usd=60 tokens=0 ttl=60s -> IDEMPOTENCY_MISMATCH field=amounts.tokens
    reserve r1 acme usd=60 requests=1 ttl=60s -> IDEMPOTENCY_MISMATCH field=amounts.requests
    reserve r1 acme usd=60 ttl=61s -> IDEMPOTENCY_MISMATCH field=ttl
    reserve r1 acme usd=60 ttl=60s min.usd=1 -> IDEMPOTENCY_MISMATCH field=minimum
    reserve r1 acme usd=60 ttl=60s tag=b -> IDEMPOTENCY_MISMATCH field=tags
    reserve r1 acme usd=60 ttl=60s on_expiry=settle_held -> IDEMPOTENCY_MISMATCH field=on_expiry
    reserve r1 acme usd=60 ttl=60s unknown=true -> IDEMPOTENCY_MISMATCH field=usd_unknown
    reserve r1 acme usd=60 ttl=60s usage=m:in=1 -> IDEMPOTENCY_MISMATCH field=usage
    record r1 acme usd=60 -> IDEMPOTENCY_MISMATCH field=reservation_id
    reserve r1 nobody/x usd=60 ttl=60s -> ALLOCATION_NOT_FOUND    # another root, another id
  )"), "");
}

TEST(ReserveTest, DoesNotRememberDenials) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=10
    reserve r1 acme usd=20 -> BUDGET_EXHAUSTED acme.life
    limit acme.life usd lifetime cap=20
    reserve r1 acme usd=20 -> ok
  )"), "");
}

TEST(ReserveTest, IsRefusedByWhatIsUnknownArchivedOrFrozenInThatOrder) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    create acme/a/x
    create acme/b
    create acme/c
    limit acme.life usd lifetime cap=1
    freeze acme/a
    archive acme/c
    reserve r1 acme/a/x usd=9 -> ALLOCATION_FROZEN
    reserve r1 acme/a+acme/c usd=9 -> ALLOCATION_ARCHIVED
    reserve r1 acme/a+acme/c+acme/d usd=9 -> ALLOCATION_NOT_FOUND
    reserve r1 acme/b usd=9 -> BUDGET_EXHAUSTED acme.life
    reserve r1 acme/a unknown=true -> ALLOCATION_FROZEN
    unfreeze acme/a
    reserve r1 acme/a/x usd=1 -> ok
  )"), "");
}

TEST(ReserveTest, ReportsTheThresholdsThatItReachesOnce) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100 warn=50,80,100
    limit acme.zero tokens lifetime cap=0 warn=50
    limit acme.none tokens lifetime cap=none
    reserve r1 acme usd=49 -> ok crossed=none
    reserve r2 acme usd=1 -> ok crossed=acme.life@50
    reserve r3 acme usd=1 -> ok crossed=none
    reserve r4 acme usd=49 -> ok crossed=acme.life@80,acme.life@100
    release r4
    reserve r5 acme usd=49 -> ok crossed=acme.life@80,acme.life@100   # reached anew
  )"), "");
}

TEST(ReserveTest, TakesTheExpiryActionOfTheFirstAllocationUnlessTold) {
  EXPECT_EQ(RunTable(R"(
    create acme on_expiry=settle_held
    create acme/a
    create acme/b on_expiry=release
    limit acme.life usd lifetime cap=100
    reserve r1 acme/a+acme/b usd=10 ttl=1s
    reserve r2 acme/b+acme/a usd=20 ttl=1s
    reserve r3 acme/a usd=30 ttl=1s on_expiry=release
    after 1s check acme.life spent=10 reserved=0
  )"), "");
}

TEST(ReserveTest, StaysExactAtTheLargestAmounts) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=max warn=100,1000
    limit acme.open usd lifetime cap=none
    reserve r1 acme usd=max -> ok held.usd=2305843009213693952 crossed=acme.life@100
    reserve r2 acme usd=1 -> BUDGET_EXHAUSTED acme.life acme.open affordable=0
    check acme.life reserved=max remaining=0
    settle r1 usd=max
    check acme.life spent=max reserved=0
  )"), "");
}

}  // namespace
}  // namespace budget
