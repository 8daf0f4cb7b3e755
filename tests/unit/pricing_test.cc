#include <gtest/gtest.h>

#include "tests/model/table.h"

namespace budget {
namespace {

TEST(PricingTest, PricesAReserveAndItsSettleUnderOneVersion) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100000
    prices small in=3000000 out=15000000 -> ok price_version=1
    reserve r1 acme usage=small:in=100,out=10 -> ok requested.usd=450 price=1
    prices small in=1 out=1 -> ok price_version=2
    reserve r2 acme usage=small:in=100,out=10 -> ok requested.usd=1 price=2   # rounded up once
    settle r1 usage=small:in=100,out=2 -> ok spent.usd=330
    settle r2 usage=small:in=2000000,out=1 -> ok spent.usd=3 unpriced=false
  )"), "");
}

TEST(PricingTest, DeniesAnUnknownCostUnderAUsdCapByDefault) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    prices small in=1000000
    reserve r0 acme/a unknown=true -> ok held.usd=0 unpriced=true   # no USD cap yet
    limit acme.life usd lifetime cap=100
    reserve r1 acme/a unknown=true -> UNPRICED
    reserve r2 acme/a usage=large:in=1 -> UNPRICED
    reserve r3 acme/a usage=small:in=1,thoughts=1 -> UNPRICED
    reserve r4 acme/a usage=small:in=1 -> ok unpriced=false
    limit acme.life usd lifetime cap=none
    reserve r5 acme/a unknown=true -> ok
  )"), "");
}

TEST(PricingTest, IsUnknownWhereTheRootHasNoPrices) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usage=small:in=1 -> UNPRICED
    policy acme unpriced=allow
    reserve r1 acme usage=small:in=1 -> ok price=0 unpriced=true
    prices small in=1000000
    settle r1 usage=small:in=1 -> ok spent.usd=0 unpriced=true    # pinned: it had none
    check acme.life unpriced=1
  )"), "");
}

TEST(PricingTest, ChargesTheLargestFixedChargeOfTheTargets) {
  EXPECT_EQ(RunTable(R"(
    create acme unpriced=fixed:3
    create acme/a
    create acme/b unpriced=fixed:7
    create acme/c unpriced=deny
    limit acme.life usd lifetime cap=100
    reserve r1 acme/a unknown=true -> ok held.usd=3
    reserve r2 acme/a+acme/b unknown=true -> ok held.usd=7
    reserve r3 acme/a+acme/c unknown=true -> UNPRICED
    settle r1 unknown=true -> ok spent.usd=3 unpriced=true
    check acme.life spent=3 unpriced=1
    report r2 usd=9
    settle r2 unknown=true -> ok spent.usd=9
  )"), "");
}

TEST(PricingTest, SettlesAnUnknownCostWithTheUsdThatIsHeldUnderDeny) {
  EXPECT_EQ(RunTable(R"(
    create acme
    limit acme.life usd lifetime cap=100
    reserve r1 acme usd=40
    report r1 usd=10
    settle r1 tokens=5 unknown=true -> ok spent.usd=40 spent.tokens=5 unpriced=true
    settle r1 tokens=5 unknown=true -> ok entries=0
    check acme.life spent=40 unpriced=1
  )"), "");
}

TEST(PricingTest, CountsNothingUnderAllowButFlagsIt) {
  EXPECT_EQ(RunTable(R"(
    create acme unpriced=allow
    limit acme.life usd lifetime cap=100
    limit acme.tokens tokens lifetime cap=100
    reserve r1 acme tokens=50 unknown=true -> ok held.usd=0 held.tokens=50
    settle r1 tokens=20 unknown=true -> ok spent.usd=0 spent.tokens=20
    check acme.life spent=0 unpriced=1
    check acme.tokens spent=20 unpriced=1
    reserve r2 acme usd=9
    settle r2 usd=9
    check acme.life unpriced=1
  )"), "");
}

TEST(PricingTest, PricesAreReplacedOneVersionAtATime) {
  EXPECT_EQ(RunTable(R"(
    prices small in=1 -> ALLOCATION_NOT_FOUND
    create acme
    prices small in=1 request=p -> ok price_version=1
    prices small in=1 request=p replaces=0 -> ok price_version=1 entries=0
    prices small in=2 request=p replaces=0 -> IDEMPOTENCY_MISMATCH
    prices small in=2 replaces=0 -> ETAG_MISMATCH
    prices small in=2 replaces=1 -> ok price_version=2
  )"), "");
}

}  // namespace
}  // namespace budget
