#include <gtest/gtest.h>

#include "tests/model/table.h"

namespace budget {
namespace {

TEST(AdjustBalanceTest, DebitsOneLimitWhereItFits) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    limit acme.day usd day/UTC cap=100
    balance acme.life usd=60 request=b -> ok entries=1
    balance acme.life usd=60 request=b -> ok entries=0
    balance acme.life usd=61 request=b -> IDEMPOTENCY_MISMATCH
    check acme.life spent=60
    check acme.day spent=0
    balance acme.life usd=41 -> BUDGET_EXHAUSTED acme.life affordable=40
    balance acme.other usd=1 -> LIMIT_NOT_FOUND
    balance acme.life tokens=1 -> INVALID_FIELD field=unit
    balance acme/a.life usd=1 -> ALLOCATION_NOT_FOUND
  )"), "");
}

TEST(AdjustBalanceTest, CreditsOverageFirstAndNoMoreThanThereIs) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    record u1 acme usd=110
    balance acme.life usd=-15 -> ok
    check acme.life spent=95 overage=0
    balance acme.life usd=-96 -> CREDIT_EXCEEDS_SPENT
    balance acme.life usd=-95 -> ok
    check acme.life spent=0 remaining=100
  )"), "");
}

TEST(AdjustBalanceTest, MovesAWholeChainAllOrNothing) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    limit acme.life usd lifetime cap=100
    limit acme/a.life usd lifetime cap=50
    limit acme/a.tokens tokens lifetime cap=50
    record u1 acme usd=30
    balance acme/a usd=51 -> BUDGET_EXHAUSTED acme/a.life affordable.usd=50
    balance acme/a usd=20 -> ok
    check acme.life spent=50
    check acme/a.life spent=20
    check acme/a.tokens spent=0
    balance acme/a usd=-40 -> ok         # each down to 0 at the most
    check acme.life spent=10
    check acme/a.life spent=0
    balance acme/a requests=1 -> INVALID_FIELD field=unit
  )"), "");
}

TEST(AdjustBalanceTest, ADebitOfAChainCountsForLimitsAddedLater) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    balance acme usd=20
    balance acme.life usd=5
    limit acme.day usd day/UTC cap=100
    check acme.life spent=25
    check acme.day spent=20          # one limit alone is nobody's usage
  )"), "");
}

TEST(AdjustBalanceTest, ARefundAfterACreditStopsAtZero) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=60
    report r1 usd=60
    balance acme.life usd=-50
    settle r1 usd=20 -> ok spent.usd=20
    check acme.life spent=0 reserved=0 overage=0 remaining=100
  )"), "");
}

TEST(AdjustBalanceTest, ACreditOfARollingLimitComesOffItsNewestBuckets) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.roll usd rolling/1m cap=100
    at 10:00:00
    record u1 acme usd=60
    at 10:00:30
    record u2 acme usd=10
    balance acme.roll usd=-50
    check acme.roll spent=20
    at 10:01:01
    check acme.roll spent=0          # what was left was of the first bucket
  )"), "");
}

TEST(AdjustBalanceTest, ARefundOfARollingLimitStopsAtWhatItsBucketHas) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.roll usd rolling/1m cap=100
    at 10:00:00
    record u1 acme usd=60
    at 10:00:10
    reserve r1 acme usd=20
    report r1 usd=20
    at 10:00:11
    balance acme.roll usd=-20
    settle r1 usd=0
    check acme.roll spent=60
    at 10:01:01
    check acme.roll spent=0
  )"), "");
}

}  // namespace
}  // namespace budget
