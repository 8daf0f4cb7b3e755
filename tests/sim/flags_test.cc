#include "tests/sim/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <vector>

namespace budget::sim {
namespace {

using ::testing::HasSubstr;

Invocation Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "budget-sim");
  return ParseInvocation(static_cast<int>(words.size()), words.data());
}

TEST(SimFlagsTest, NothingSaidIsTheTierOfCi) {
  const Invocation invocation = Parse({});
  EXPECT_EQ(invocation.exit_code, -1);
  EXPECT_EQ(invocation.fan_out.seeds, TierNamed("ci")->seeds);
  EXPECT_EQ(invocation.fan_out.first, 1u);
  EXPECT_EQ(invocation.fan_out.operations, 5000);
  EXPECT_GE(invocation.fan_out.jobs, 1);
  EXPECT_FALSE(invocation.replay.has_value());
}

TEST(SimFlagsTest, SeedsGoBeforeTheTierInAnyOrder) {
  EXPECT_EQ(Parse({"--tier", "long"}).fan_out.seeds, TierNamed("long")->seeds);
  EXPECT_EQ(Parse({"--seeds", "3", "--tier", "long"}).fan_out.seeds, 3);
}

TEST(SimFlagsTest, ATierIsOwedItsSize) {
  EXPECT_EQ(Parse({}).tier->operations_min, 10'000'000);
  EXPECT_EQ(Parse({"--tier", "long"}).tier->operations_min, 100'000'000);
  EXPECT_TRUE(Parse({"--first", "9", "--jobs", "1"}).tier.has_value());
}

TEST(SimFlagsTest, WhoSaysHowMuchOwesNoTier) {
  EXPECT_FALSE(Parse({"--seeds", "3"}).tier.has_value());
  EXPECT_FALSE(Parse({"--operations", "600"}).tier.has_value());
  EXPECT_FALSE(Parse({"--seed", "7"}).tier.has_value());
}

TEST(SimFlagsTest, ASeedIsReplayedAsItWas) {
  const Invocation invocation =
      Parse({"--seed", "0", "--operations", "600", "--plant", "own_clock"});
  EXPECT_EQ(invocation.exit_code, -1);
  EXPECT_EQ(invocation.replay, 0u);
  EXPECT_EQ(invocation.fan_out.operations, 600);
  EXPECT_EQ(invocation.fan_out.planted, Bug::kOwnClock);
}

struct Wrong {
  const char* flag;
  const char* value;
  const char* range;  // as the error says it
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
  *out << wrong.flag << " " << wrong.value;
}

class WrongFlagTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongFlagTest, IsRefusedByNameAndRange) {
  const Wrong& wrong = GetParam();
  const Invocation invocation = Parse({wrong.flag, wrong.value});
  EXPECT_EQ(invocation.exit_code, 2);
  EXPECT_THAT(invocation.text, HasSubstr(wrong.flag));
  EXPECT_THAT(invocation.text, HasSubstr(wrong.range));
}

INSTANTIATE_TEST_SUITE_P(
    Each, WrongFlagTest,
    ::testing::Values(
        Wrong{"--seeds", "0", "1 to 1000000000"},
        Wrong{"--seeds", "-1", "1 to 1000000000"},
        Wrong{"--seeds", "many", "1 to 1000000000"},
        Wrong{"--operations", "0", "1 to 1000000000"},
        Wrong{"--operations", "2000000000", "1 to 1000000000"},
        Wrong{"--jobs", "0", "1 to 1024"}, Wrong{"--jobs", "1.5", "1 to 1024"},
        Wrong{"--seed", "-7", "0 to 9223372036854775807"},
        Wrong{"--first", "-7", "0 to 9223372036854775807"},
        Wrong{"--tier", "short", "ci,long"},
        Wrong{"--plant", "nothing", "drops_commits"},
        Wrong{"--colour", "red", ""}));

TEST(SimFlagsTest, WhatHasNoMeaningTogetherIsRefused) {
  const Invocation invocation = Parse({"--seed", "1", "--seeds", "5"});
  EXPECT_EQ(invocation.exit_code, 2);
  EXPECT_THAT(invocation.text, HasSubstr("--seed"));
}

TEST(SimFlagsTest, ALonelyFlagIsRefused) {
  EXPECT_EQ(Parse({"--seeds"}).exit_code, 2);
  EXPECT_THAT(Parse({"--seeds"}).text, HasSubstr("--seeds"));
}

TEST(SimFlagsTest, HelpIsNoError) {
  const Invocation invocation = Parse({"--help"});
  EXPECT_EQ(invocation.exit_code, 0);
  EXPECT_THAT(invocation.text, HasSubstr("--operations"));
}

}  // namespace
}  // namespace budget::sim
