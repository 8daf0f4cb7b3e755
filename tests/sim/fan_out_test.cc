#include "tests/sim/fan_out.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/sim/report.h"

namespace budget::sim {
namespace {

constexpr auto kEnds = static_cast<size_t>(Invariant::kEnds);

std::map<uint64_t, SeedNews> NewsOf(const FanOut& fan_out) {
  std::map<uint64_t, SeedNews> told;
  RunSeeds(fan_out, [&](const SeedNews& news) { told[news.seed] = news; });
  return told;
}

TEST(FanOutTest, RunsEachSeedOnceInOneOfItsProcesses) {
  const auto told =
      NewsOf({.first = 3, .seeds = 5, .operations = 50, .jobs = 2});
  ASSERT_EQ(told.size(), 5u);
  EXPECT_EQ(told.begin()->first, 3u);
  for (const auto& [seed, news] : told) EXPECT_EQ(news.totals.seeds, 1);
}

TEST(FanOutTest, ASeedThatHangsBreaksEnds) {
  const auto told = NewsOf({.seeds = 2,
                            .operations = 10,
                            .jobs = 2,
                            .planted = Bug::kHangs,
                            .patience = absl::ZeroDuration()});
  ASSERT_EQ(told.size(), 2u);
  for (const auto& [seed, news] : told) {
    EXPECT_FALSE(news.died);
    EXPECT_EQ(news.totals.breaches[kEnds], 1) << "seed " << seed;
  }
}

TEST(FanOutTest, ASeedInWhichTimeStandsStillBreaksEnds) {
  const auto told = NewsOf({.operations = 600, .planted = Bug::kStandsStill});
  EXPECT_EQ(told.at(1).totals.breaches[kEnds], 1);
}

TEST(FanOutTest, TheReplayIsTheSameSeed) {
  EXPECT_EQ(ReplayOf(7, {}), "tests/sim/run --seed 7");
  EXPECT_EQ(ReplayOf(7, {.operations = 600, .planted = Bug::kHangs}),
            "tests/sim/run --seed 7 --operations 600 --plant hangs");
}

}  // namespace
}  // namespace budget::sim
