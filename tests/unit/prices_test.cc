#include "server/domain/prices.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/domain/amounts.h"

namespace budget {
namespace {

ModelPrice Priced(Meters meters) {
  return {.model = "m", .usd_nanos_per_million = std::move(meters)};
}

TEST(PricesTest, MultipliesAndRoundsUpOnce) {
  const ModelPrice price = Priced({{"in", 150'000'000}, {"out", 600'000'000}});
  EXPECT_EQ(CostUsdNanos(price, {{"in", 1'200}, {"out", 350}}), 390'000);
  EXPECT_EQ(CostUsdNanos(Priced({{"in", 1}}), {{"in", 1}}), 1);
  EXPECT_EQ(CostUsdNanos(Priced({{"in", 1}}), {{"in", 1'000'000}}), 1);
  EXPECT_EQ(CostUsdNanos(Priced({{"in", 1}}), {{"in", 1'000'001}}), 2);
  // Three halves of a nano are two, not three.
  EXPECT_EQ(CostUsdNanos(Priced({{"a", 500'000}, {"b", 500'000}, {"c", 500'000}}),
                         {{"a", 1}, {"b", 1}, {"c", 1}}),
            2);
}

TEST(PricesTest, IsFreeWhereNothingWasUsedOrThePriceIsZero) {
  EXPECT_EQ(CostUsdNanos(Priced({{"in", 7}}), {}), 0);
  EXPECT_EQ(CostUsdNanos(Priced({{"in", 7}}), {{"in", 0}}), 0);
  EXPECT_EQ(CostUsdNanos(Priced({{"in", 0}}), {{"in", 1'000'000'000}}), 0);
}

TEST(PricesTest, IsUnknownWhereAMeterHasNoPrice) {
  EXPECT_FALSE(CostUsdNanos(Priced({{"in", 7}}), {{"out", 1}}).has_value());
  EXPECT_FALSE(
      CostUsdNanos(Priced({{"in", 7}}), {{"in", 1}, {"out", 0}}).has_value());
}

TEST(PricesTest, StaysExactIn128BitsAndStopsAtTheLargestAmount) {
  EXPECT_EQ(CostUsdNanos(Priced({{"in", kAmountMax}}), {{"in", 1'000'000}}),
            kAmountMax);
  EXPECT_EQ(CostUsdNanos(Priced({{"in", kAmountMax}}), {{"in", 999'999}}),
            static_cast<int64_t>(
                (static_cast<__int128>(kAmountMax) * 999'999 + 999'999) /
                1'000'000));
  Meters prices, quantities;
  for (char meter = 'a'; meter < 'a' + 16; ++meter) {
    prices[std::string(1, meter)] = quantities[std::string(1, meter)] =
        kAmountMax;
  }
  EXPECT_EQ(CostUsdNanos(Priced(prices), quantities), kAmountMax);
}

TEST(PricesTest, DigestIsOfTheTableWhateverItsOrder) {
  const ModelPrice large = {"large", {{"in", 5}, {"out", 7}}};
  const ModelPrice small = {"small", {{"in", 1}}};
  const std::string digest =
      DigestOfPrices(std::vector<ModelPrice>{large, small});
  EXPECT_EQ(digest.size(), 64u);
  EXPECT_EQ(DigestOfPrices(std::vector<ModelPrice>{small, large}), digest);
  for (const std::vector<ModelPrice>& other :
       std::vector<std::vector<ModelPrice>>{
           {},
           {large},
           {large, {"small", {{"in", 2}}}},
           {large, {"small", {{"on", 1}}}},
           {large, {"smell", {{"in", 1}}}},
           {large, {"small", {}}},
           {large, {"small", {{"in", 1}, {"out", 0}}}},
           {large, small, {"", {}}}}) {
    EXPECT_NE(DigestOfPrices(other), digest);
  }
}

}  // namespace
}  // namespace budget
