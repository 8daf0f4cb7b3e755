#include "tests/chaos/weather.h"

#include <gtest/gtest.h>

#include "tests/chaos/verdicts.h"

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

TEST(VerdictsTest, TellWhatWasCheckedUnderEachFault) {
  Verdicts verdicts;
  verdicts.Passed(Invariant::kOneEnd);
  verdicts.Under("storm");
  verdicts.Passed(Invariant::kOneEnd);
  verdicts.Violated(Invariant::kOneEnd, "twice");
  Verdicts others;
  others.Under("hail");
  others.Passed(Invariant::kOneEnd);
  others.Under("storm");
  others.Passed(Invariant::kOneEnd);
  verdicts.Add(others);
  EXPECT_EQ(verdicts.checks(Invariant::kOneEnd), 5);
  ASSERT_EQ(verdicts.by_fault().size(), 2u);
  const auto& storm = verdicts.by_fault()[0];
  const auto& hail = verdicts.by_fault()[1];
  EXPECT_EQ(storm.fault, "storm");
  EXPECT_EQ(storm.Of(Invariant::kOneEnd).checks, 3);
  EXPECT_EQ(storm.Of(Invariant::kOneEnd).violations, 1);
  EXPECT_EQ(hail.fault, "hail");
  EXPECT_EQ(hail.Of(Invariant::kOneEnd).checks, 1);
}

}  // namespace
}  // namespace budget::chaos
