#include "deploy/replay/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "deploy/replay/plan.h"

namespace budget::replay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

absl::StatusOr<Trace> Read(const std::string& csv) {
  std::istringstream input(csv);
  return ReadTrace(input, "t.csv");
}

constexpr char kAzure[] =
    "TIMESTAMP,ContextTokens,GeneratedTokens\n"
    "2023-11-16 18:15:46.6805900,374,44\n"
    "2023-11-16 18:15:50.9951690,396,109";

TEST(ReadTraceTest, ReadsAzure) {
  const auto trace = Read(kAzure);
  ASSERT_TRUE(trace.ok()) << trace.status();
  ASSERT_THAT(trace->calls, SizeIs(2));
  EXPECT_EQ(trace->calls[0].at, absl::ZeroDuration());
  EXPECT_EQ(trace->calls[1].at, absl::Nanoseconds(4'314'579'000));
  EXPECT_EQ(trace->calls[1].prompt_tokens, 396);
  EXPECT_EQ(trace->calls[1].generated_tokens, 109);
}

TEST(ReadTraceTest, ReadsBurstGptWithMarkQuotesAndCrLf) {
  const auto trace = Read(
      "\xEF\xBB\xBFTimestamp,Model,Request tokens,Response tokens,Total tokens,"
      "Log Type\r\n5,ChatGPT,472,18,490,Conversation log\r\n\r\n"
      "45,\"GPT-4, large\",10,0,10,API log\r\n");
  ASSERT_TRUE(trace.ok()) << trace.status();
  ASSERT_THAT(trace->calls, SizeIs(2));
  EXPECT_EQ(trace->calls[1].model, "GPT-4, large");
  EXPECT_EQ(trace->calls[1].at, absl::Seconds(40));
}

TEST(ReadTraceTest, SortsByTime) {
  const auto trace =
      Read("Timestamp,Request tokens,Response tokens\n9,1,1\n2,2,2\n");
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_EQ(trace->calls[0].prompt_tokens, 2);
}

TEST(ReadTraceTest, LeavesOutAndTellsFewBadLines) {
  std::string csv = "Timestamp,Request tokens,Response tokens\n";
  for (int i = 0; i < 30; ++i) csv += "1,2,3\n";
  csv += "x,2,3\n1,-2,3\n1,2\n";
  const auto trace = Read(csv);
  ASSERT_TRUE(trace.ok()) << trace.status();
  ASSERT_THAT(trace->bad_lines, SizeIs(3));
  EXPECT_EQ(trace->bad_lines[0].line, 32);
  EXPECT_THAT(trace->bad_lines[0].problem, HasSubstr("\"x\""));
  EXPECT_THAT(trace->bad_lines[1].problem, HasSubstr("\"-2\""));
  EXPECT_THAT(trace->bad_lines[2].problem, HasSubstr("has 2 fields"));
}

TEST(ReadTraceTest, RefusesWhatIsNotATrace) {
  EXPECT_THAT(std::string(Read("").status().message()), HasSubstr("is empty"));
  EXPECT_THAT(std::string(Read("a,b\n1,2\n").status().message()),
              HasSubstr("t.csv:1: the first line must name"));
  EXPECT_THAT(std::string(
                  Read("Timestamp,Request tokens,Response tokens\n").status().message()),
              HasSubstr("no calls"));
  EXPECT_THAT(
      std::string(
          Read("Timestamp,Request tokens,Response tokens\nx,1,1\n").status().message()),
      HasSubstr("t.csv:2: the time \"x\""));
  EXPECT_THAT(
      std::string(Read("Timestamp,Request tokens,Response tokens\n"
                       "infinite-future,1,1\n")
                      .status()
                      .message()),
      HasSubstr("t.csv:2: the time \"infinite-future\""));
  EXPECT_TRUE(absl::IsNotFound(ReadTraceFile("/nonexistent").status()));
}

TEST(SplitCsvLineTest, UnderstandsQuotes) {
  EXPECT_THAT(*SplitCsvLine("a,\"b,\"\"c\"\"\",,d"),
              ElementsAre("a", "b,\"c\"", "", "d"));
  EXPECT_FALSE(SplitCsvLine("\"a").ok());
}

TEST(MakeTraceTest, IsTheSameForTheSameSeed) {
  const Trace a = MakeTrace(7, 500);
  const Trace b = MakeTrace(7, 500);
  ASSERT_THAT(a.calls, SizeIs(500));
  for (size_t i = 0; i < a.calls.size(); ++i) {
    EXPECT_EQ(a.calls[i].at, b.calls[i].at);
    EXPECT_EQ(a.calls[i].prompt_tokens, b.calls[i].prompt_tokens);
  }
  EXPECT_NE(MakeTrace(8, 500).calls[3].prompt_tokens, a.calls[3].prompt_tokens);
}

TEST(MakePlanTest, LaysThreeLevelsOverAnyTrace) {
  for (const size_t calls : {1u, 1000u}) {
    const Plan plan = MakePlan(MakeTrace(1, calls), {});
    EXPECT_THAT(plan.calls, SizeIs(calls));
    EXPECT_THAT(plan.allocations, SizeIs(13));
    for (const v1::Allocation& allocation : plan.allocations) {
      ASSERT_THAT(allocation.limits(), SizeIs(1)) << allocation.path();
      EXPECT_GT(allocation.limits(0).cap(), 0) << allocation.path();
    }
    for (const PlannedCall& call : plan.calls) {
      EXPECT_LE(call.at, plan.length);
      EXPECT_LT(call.latency, plan.ttl);
    }
  }
}

}  // namespace
}  // namespace budget::replay
