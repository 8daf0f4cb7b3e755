#include "tests/chaos/weather.h"

#include <gtest/gtest.h>

#include <vector>

namespace budget::chaos {
namespace {

TEST(WeatherTest, NamesTheFaultOfTheTime) {
  const std::vector<Trouble> troubles = {{100, 200, "storm"},
                                         {300, 400, "hail"}};
  const Weather weather(troubles, 0);
  EXPECT_EQ(weather.AtMicros(99), "nothing");
  EXPECT_EQ(weather.AtMicros(100), "storm");
  EXPECT_EQ(weather.AtMicros(200), "storm");
  EXPECT_EQ(weather.AtMicros(250), "nothing");
  EXPECT_EQ(weather.AtMicros(350), "hail");
  EXPECT_EQ(weather.AtMicros(401), "nothing");
}

TEST(WeatherTest, WhatIsNotHealedNeverEnds) {
  const std::vector<Trouble> troubles = {{100, Trouble::kNotHealed, "storm"}};
  EXPECT_EQ(Weather(troubles, 0).AtMicros(1'000'000), "storm");
}

TEST(WeatherTest, KnowsTheTimesOfCalls) {
  const std::vector<Trouble> troubles = {{1'100, 1'200, "storm"}};
  const Weather weather(troubles, 1'000);
  EXPECT_EQ(weather.At(99'000), "nothing");
  EXPECT_EQ(weather.At(100'000), "storm");
}

}  // namespace
}  // namespace budget::chaos
