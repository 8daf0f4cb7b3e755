#include "server/app/log.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/metrics/captured_log.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(LogTest, ALineIsAnObjectWithTimeLevelAndEventFirst) {
  CapturedLog log;
  LogInfo("listening", {{"address", "127.0.0.1"},
                        {"port", 7443},
                        {"took_ms", 1.5},
                        {"tls", false}});
  EXPECT_THAT(
      log.Text(),
      MatchesRegex("\\{\"time\":\"....-..-..T..:..:..\\....Z\","
                   "\"level\":\"info\",\"event\":\"listening\","
                   "\"address\":\"127.0.0.1\",\"port\":7443,"
                   "\"took_ms\":1.5,\"tls\":false\\}\n"));
}

TEST(LogTest, WhateverAValueHoldsTheLineCanBeRead) {
  CapturedLog log;
  const std::string odd("a\"b\\c\nd\x01\xff\xc3 \0 e", 14);
  LogWarning("odd", {{"value", odd}});
  const auto lines = log.Lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0].at("value").get<std::string>(), HasSubstr("a\"b\\c\nd"));
}

TEST(LogTest, TextIsForPeople) {
  CapturedLog log("info", "text");
  LogError("failed", {{"error", "no such host"}, {"port", 1}});
  EXPECT_THAT(log.Text(), HasSubstr("Z error failed error=\"no such host\" "
                                    "port=1\n"));
}

TEST(LogTest, WhatIsBelowTheLevelIsNotWritten) {
  CapturedLog log("warning");
  LogInfo("listening");
  LogWarning("database_lost");
  const auto lines = log.Lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].at("event"), "database_lost");
}

TEST(LogTest, KnowsItsLevelsAndFormats) {
  EXPECT_FALSE(SetLogLevel("loud"));
  EXPECT_FALSE(SetLogFormat("xml"));
}

TEST(LogTest, RepeatedLinesAreBounded) {
  CapturedLog log;
  for (int i = 0; i < 1000; ++i) {
    LogRepeating("database", {{"message", "gone"}});
    LogRepeating("database", {{"message", absl::StrCat("gone ", i)}});
  }
  EXPECT_EQ(log.Lines().size(), 100u);
}

}  // namespace
}  // namespace budget::testing
