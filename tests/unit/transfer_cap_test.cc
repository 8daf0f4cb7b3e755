#include <gtest/gtest.h>

#include "tests/model/table.h"

namespace budget {
namespace {

TEST(TransferCapTest, MovesCapBetweenSiblings) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    create acme/b
    limit acme/a.life usd lifetime cap=100
    limit acme/b.life usd lifetime cap=100
    record u1 acme/a usd=50
    reserve r1 acme/a usd=10
    transfer acme/a.life acme/b.life usd=41 -> CAP_BELOW_COMMITTED
    transfer acme/a.life acme/b.life usd=40 request=t -> ok version=3 entries=1
    transfer acme/a.life acme/b.life usd=40 request=t version=2 to_version=2 -> ok entries=0
    check acme/a.life cap=60 remaining=0
    check acme/b.life cap=140
  )"), "");
}

TEST(TransferCapTest, WantsTheSameUnitAndWindowOnBothSides) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    create acme/b
    limit acme/a.life usd lifetime cap=100
    limit acme/b.day usd day/UTC cap=100
    limit acme/b.tokens tokens lifetime cap=100
    limit acme/b.open usd lifetime cap=none
    transfer acme/a.life acme/b.day usd=1 -> INVALID_FIELD field=to.limit
    transfer acme/a.life acme/b.tokens usd=1 -> INVALID_FIELD field=to.limit
    transfer acme/a.life acme/b.open usd=1 -> INVALID_FIELD field=to.limit
    transfer acme/b.open acme/a.life usd=1 -> INVALID_FIELD field=from.limit
    transfer acme/a.life acme/b.none usd=1 -> LIMIT_NOT_FOUND
    transfer acme/a.life acme/c.life usd=1 -> ALLOCATION_NOT_FOUND
    transfer acme/a.life acme/b.open usd=1 version=1 -> ETAG_MISMATCH
    check acme/a.life cap=100
  )"), "");
}

TEST(TransferCapTest, StopsAtTheLargestCap) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    create acme/b
    limit acme/a.life usd lifetime cap=max
    limit acme/b.life usd lifetime cap=max
    transfer acme/a.life acme/b.life usd=1 -> INVALID_FIELD field=amount
  )"), "");
}

}  // namespace
}  // namespace budget
