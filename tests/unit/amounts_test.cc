#include "server/domain/amounts.h"

#include <gtest/gtest.h>

namespace budget {
namespace {

TEST(AmountsTest, AddAndSubtractUnitByUnit) {
  const Amounts a{.by_unit = {1, 2, 3}};
  const Amounts b{.by_unit = {10, 20, 30}};
  EXPECT_EQ(a + b, (Amounts{.by_unit = {11, 22, 33}}));
  EXPECT_EQ(a - b, (Amounts{.by_unit = {-9, -18, -27}}));
  EXPECT_TRUE((a - a).IsZero());
  EXPECT_FALSE(a.IsZero());
}

TEST(AmountsTest, TwoOfTheLargestAddWithoutOverflow) {
  const Amounts most{.by_unit = {kAmountMax, kAmountMax, kAmountMax}};
  EXPECT_GT((most + most)[Unit::kUsdNanos], kAmountMax);
  EXPECT_EQ((most + most - most), most);
  EXPECT_EQ((Amounts{} - most)[Unit::kTokens], -kAmountMax);
}

TEST(AmountsTest, UnitsAreNamedAsTheApiNamesThem) {
  EXPECT_EQ(UnitName(Unit::kUsdNanos), "usd_nanos");
  EXPECT_EQ(UnitName(Unit::kTokens), "tokens");
  EXPECT_EQ(UnitName(Unit::kRequests), "requests");
}

TEST(PartialAmountsTest, TellUnsetFromZero) {
  PartialAmounts amounts;
  EXPECT_FALSE(amounts[Unit::kTokens].has_value());
  PartialAmounts zero;
  zero[Unit::kTokens] = 0;
  EXPECT_NE(amounts, zero);
}

}  // namespace
}  // namespace budget
