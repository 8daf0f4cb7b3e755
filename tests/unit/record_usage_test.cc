#include <gtest/gtest.h>

#include "tests/model/table.h"

namespace budget {
namespace {

TEST(RecordUsageTest, SpendsWhatFitsAndBooksTheRestAsOverage) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    limit acme.life usd lifetime cap=100 warn=100
    limit acme/a.life usd lifetime cap=30
    limit acme/a.tokens tokens lifetime cap=none
    record u1 acme/a usd=50 tokens=7 -> ok state=settled spent.usd=30 overage.usd=20 spent.tokens=7 spent.requests=1
    check acme.life spent=30 overage=20
    check acme/a.life spent=30 overage=20
    check acme/a.tokens spent=7 overage=0
    record u2 acme usd=70 -> ok spent.usd=70 crossed=acme.life@100
  )"), "");
}

TEST(RecordUsageTest, IsNeverRefusedByAFreezeAnArchiveOrABudget) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    limit acme.life usd lifetime cap=0
    freeze acme
    archive acme/a
    record u1 acme/a usd=50 -> ok spent.usd=0 overage.usd=50
    record u2 acme/b usd=50 -> ALLOCATION_NOT_FOUND
  )"), "");
}

TEST(RecordUsageTest, HappensOnce) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    record u1 acme usd=50
    record u1 acme usd=50 -> ok replayed entries=0
    record u1 acme usd=51 -> IDEMPOTENCY_MISMATCH field=actual.usd_nanos
    reserve u1 acme usd=50 -> IDEMPOTENCY_MISMATCH
    settle u1 usd=50 -> ok entries=0
    settle u1 usd=51 -> RESERVATION_SETTLED
    release u1 -> RESERVATION_SETTLED
    adjust u1 usd=1 -> RESERVATION_ENDED
    check acme.life spent=50
  )"), "");
}

TEST(RecordUsageTest, IsRefusedWhereACounterCouldNotKeepTheOverage) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=0
    record u1 acme usd=max -> ok overage.usd=2305843009213693952
    record u2 acme usd=1 -> COUNTER_OVERFLOW entries=0
    reserve r1 acme tokens=1
    settle r1 usd=1 tokens=1 -> COUNTER_OVERFLOW entries=0
    settle r1 tokens=1 usd=0 -> ok state=settled
    record u3 acme tokens=max -> ok
    balance acme.life usd=-1
    record u2 acme usd=1 -> ok overage.usd=1
  )"), "");
}

TEST(RecordUsageTest, CountsAnUnknownCostAsThePolicySays) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/fixed unpriced=fixed:5
    limit acme.life usd lifetime cap=100
    record u1 acme tokens=9 unknown=true -> ok spent.usd=0 spent.tokens=9 unpriced=true
    record u2 acme/fixed unknown=true -> ok spent.usd=5
    check acme.life spent=5 unpriced=2
  )"), "");
}

}  // namespace
}  // namespace budget
