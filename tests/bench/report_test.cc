// What the benchmark makes of its figures: rounds, ratios, goals, the report.

#include "tests/bench/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/bench/ratios.h"
#include "tests/bench/scenario.h"

namespace budget::bench {
namespace {

using ::testing::ElementsAre;

TEST(ScenarioTest, WhatIsMeasuredInFewRoundsIsInTheLast) {
  const Scenario once{.rounds_max = 1};
  EXPECT_FALSE(IsDue(once, 4, 5));
  EXPECT_TRUE(IsDue(once, 5, 5));
  EXPECT_TRUE(IsDue(Scenario{}, 1, 5));
  EXPECT_TRUE(IsDue({.rounds_max = 3}, 1, 1));
}

std::vector<std::string> NamesInRound(int round) {
  std::vector<std::string> names;
  for (const Scenario& scenario :
       InRound({{.name = "first"}, {.name = "second"},
                {.name = "last", .rounds_max = 1}},
               round, 3)) {
    names.push_back(scenario.name);
  }
  return names;
}

TEST(ScenarioTest, EveryOtherRoundGoesBackwardsButNotTheLast) {
  EXPECT_THAT(NamesInRound(1), ElementsAre("first", "second"));
  EXPECT_THAT(NamesInRound(2), ElementsAre("second", "first"));
  EXPECT_THAT(NamesInRound(3), ElementsAre("first", "second", "last"));
}

TEST(RatiosTest, ComparisonsHoldAtAndBesideTheGoal) {
  EXPECT_TRUE(Holds(0.6, Comparison::kAtLeast, 0.6));
  EXPECT_FALSE(Holds(0.59, Comparison::kAtLeast, 0.6));
  EXPECT_TRUE(Holds(1, Comparison::kAtMost, 1));
  EXPECT_FALSE(Holds(256, Comparison::kUnder, 256));
  EXPECT_FALSE(Holds(2, Comparison::kOver, 2));
}

TEST(RatiosTest, WhatDidNotWorkMeetsNoGoal) {
  Figures figures;
  figures.Add("replica_rss_mb", "MB", {.value = 0});
  for (const Ratio& ratio : ComputeRatios(figures)) {
    EXPECT_FALSE(ratio.measured() && ratio.met()) << ratio.name;
  }
  EXPECT_FALSE(EveryRatioMeasured(figures));
}

TEST(RatiosTest, UnaryOverNullTakesTheBestConcurrencyOfEach) {
  Figures figures;
  for (const auto& [name, value] : std::map<std::string, double>{
           {"null_unary_8", 100}, {"null_unary_32", 200},
           {"unary_hot_8", 50}, {"unary_hot_32", 90}, {"unary_hot_128", 150}}) {
    figures.Add(name, "operations/s", {.value = value});
  }
  EXPECT_THAT(ComputeRatios(figures)[0].rounds, ElementsAre(0.75));
}

TEST(RatiosTest, DeepIsComparedAtConcurrenciesThatBothHave) {
  Figures figures;
  figures.Add("unary_hot_32", "operations/s", {.value = 100});
  figures.Add("unary_hot_512", "operations/s", {.value = 900});
  figures.Add("unary_deep_32", "operations/s", {.value = 70});
  for (const Ratio& ratio : ComputeRatios(figures)) {
    if (ratio.name == "deep_over_flat") {
      EXPECT_THAT(ratio.rounds, ElementsAre(0.7));
    }
  }
}

TEST(ReportTest, NamesEveryRatioEvenIfNothingWasMeasured) {
  const auto json = nlohmann::json::parse(ToJson(Report{}));
  for (const char* name :
       {"unary_over_null", "batch_over_raw", "hot_over_uniform_unary",
        "hot_over_uniform_batch", "unary_hot_over_naive_hot",
        "replicas4_over_1", "deep_over_flat", "full_over_empty",
        "p50_over_floor", "replica_rss_mb_1m", "domain_mops"}) {
    EXPECT_TRUE(json["ratios"].contains(name)) << name;
    EXPECT_TRUE(json["goals"].contains(name)) << name;
  }
  EXPECT_EQ(json["ratios"].size(), 11u);
}

Figures OverloadOf(std::vector<double> recoveries, double settles_failed) {
  Figures figures;
  for (const double seconds : recoveries) {
    figures.Add("overload", "goodput over peak",
                {.value = 0.9,
                 .details = {{"recovery_seconds", seconds},
                             {"settles_ok", 1000},
                             {"settles_failed", settles_failed}}});
  }
  return figures;
}

bool OverloadIsMet(const Figures& figures) {
  Report report;
  report.figures = figures;
  return nlohmann::json::parse(ToJson(report))["overload"]["met"];
}

TEST(ReportTest, AnOverloadIsBorneInEveryRound) {
  EXPECT_TRUE(OverloadIsMet(OverloadOf({0, 5, 1}, 0)));
  EXPECT_FALSE(OverloadIsMet(OverloadOf({0, 6, 1}, 0)));
  EXPECT_FALSE(OverloadIsMet(OverloadOf({0, -1, 0}, 0)));
}

TEST(ReportTest, AnOverloadKeepsNoSettleOut) {
  EXPECT_TRUE(OverloadIsMet(OverloadOf({0}, 10)));
  EXPECT_FALSE(OverloadIsMet(OverloadOf({0}, 20)));
}

TEST(ReportTest, NoCallMayFailBetweenReplicas) {
  Report report;
  report.figures.Add("unary_replicas_1", "operations/s", {.value = 5});
  EXPECT_EQ(nlohmann::json::parse(ToJson(report))["replicas"]["met"], true);
  report.figures.Add("unary_replicas_4", "operations/s",
                     {.value = 5, .errors = {{"ABORTED", 1}}});
  EXPECT_EQ(nlohmann::json::parse(ToJson(report))["replicas"]["met"], false);
}

TEST(RatiosTest, TheBestOfTheNaiveIsThePeer) {
  Figures figures;
  for (const auto& [name, value] : std::map<std::string, double>{
           {"unary_hot_32", 1000}, {"naive_hot_32", 20},
           {"naive_hot_at_once_32", 10}, {"naive_hot_backoff_32", 50}}) {
    figures.Add(name, "operations/s", {.value = value});
  }
  for (const Ratio& ratio : ComputeRatios(figures)) {
    if (ratio.name != "unary_hot_over_naive_hot") continue;
    EXPECT_THAT(ratio.rounds, ElementsAre(20));
  }
}

TEST(ReportTest, ErrorsThatCallersSawAreInTheJson) {
  Report report;
  report.figures.Add("unary_hot_8", "operations/s",
                     {.value = 5, .errors = {{"UNAVAILABLE", 3}}});
  const auto json = nlohmann::json::parse(ToJson(report));
  EXPECT_EQ(json["figures"]["unary_hot_8"]["errors"], 3);
  EXPECT_THAT(ToText(report), testing::HasSubstr("3 ERRORS"));
}

}  // namespace
}  // namespace budget::bench
