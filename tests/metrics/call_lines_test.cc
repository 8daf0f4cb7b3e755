#include "server/app/call_lines.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/metrics/captured_log.h"
#include "tests/support/virtual_clock.h"

namespace budget::testing {
namespace {

using Code = absl::StatusCode;

CallReport Report(const CallEnd& end) {
  CallReport report{.end = end, .request_id = "r-1"};
  report.end.service = "budget.v1.BudgetService";
  report.end.method = "Reserve";
  return report;
}

class CallLinesTest : public ::testing::Test {
 protected:
  CallLines Lines() { return CallLines(clock_, options_, dropped_); }

  // The level of the line for a call that ends so; "" for none.
  std::string LevelFor(const CallEnd& end, const std::string& least = "debug") {
    CapturedLog log(least);
    CallLines calls = CallLines(clock_, options_, dropped_);
    if (calls.Wants(end)) calls.Log(Report(end));
    const auto lines = log.Lines();
    return lines.empty() ? "" : lines[0].at("level").get<std::string>();
  }

  VirtualClock clock_;
  CallLinesOptions options_;
  EventCount dropped_;
};

TEST_F(CallLinesTest, ErrorsAreLoggedAndDenialsAreNot) {
  EXPECT_EQ(LevelFor({.code = Code::kOk}), "");
  EXPECT_EQ(LevelFor({.code = Code::kInvalidArgument}), "info");
  EXPECT_EQ(LevelFor({.code = Code::kUnavailable}), "info");
  EXPECT_EQ(LevelFor({.code = Code::kInternal}), "error");
  const CallEnd denied = {.code = Code::kResourceExhausted, .denied = true};
  EXPECT_EQ(LevelFor(denied, "info"), "");
  EXPECT_EQ(LevelFor(denied, "debug"), "debug");
}

TEST_F(CallLinesTest, WhoGoesAwayIsNoError) {
  EXPECT_EQ(LevelFor({.code = Code::kCancelled}, "info"), "");
}

TEST_F(CallLinesTest, SlowCallsAreLoggedAndStreamsAreNeverSlow) {
  options_.slow = absl::Milliseconds(500);
  EXPECT_EQ(LevelFor({.took = absl::Milliseconds(499)}), "");
  EXPECT_EQ(LevelFor({.took = absl::Milliseconds(500)}), "warning");
  EXPECT_EQ(LevelFor({.streams = true, .took = absl::Hours(1)}), "");
  options_.slow = absl::ZeroDuration();
  EXPECT_EQ(LevelFor({.took = absl::Hours(1)}), "");
}

TEST_F(CallLinesTest, AllCallsAreLoggedOnDemand) {
  options_.all = true;
  EXPECT_EQ(LevelFor({}, "info"), "info");
  const CallEnd denied = {.code = Code::kResourceExhausted, .denied = true};
  EXPECT_EQ(LevelFor(denied, "info"), "info");
}

TEST_F(CallLinesTest, ALineSaysWhatItTakesToFindTheCallAgain) {
  CapturedLog log;
  CallLines calls = Lines();
  CallReport report = Report({.code = Code::kFailedPrecondition,
                              .reason = "ALLOCATION_FROZEN",
                              .took = absl::Microseconds(1234)});
  report.principal = "gateway-eu";
  report.trace_id = "0af7651916cd43dd8448eb211c80319c";
  report.parent_id = "b7ad6b7169203331";
  report.decisions = {{.root = "acme",
                       .sequence = 17,
                       .reservation = "0198c0de-0000-7000-8000-000000000001",
                       .reason = "ALLOCATION_FROZEN"}};
  calls.Log(report);
  const auto lines = log.Lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].at("event"), "call");
  EXPECT_EQ(lines[0].at("method"), "budget.v1.BudgetService/Reserve");
  EXPECT_EQ(lines[0].at("code"), "FAILED_PRECONDITION");
  EXPECT_EQ(lines[0].at("reason"), "ALLOCATION_FROZEN");
  EXPECT_EQ(lines[0].at("took_ms"), 1.234);
  EXPECT_EQ(lines[0].at("request_id"), "r-1");
  EXPECT_EQ(lines[0].at("principal"), "gateway-eu");
  EXPECT_EQ(lines[0].at("trace_id"), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(lines[0].at("parent_id"), "b7ad6b7169203331");
  EXPECT_EQ(lines[0].at("decision_id"), "acme:17");
  EXPECT_EQ(lines[0].at("reservation"),
            "0198c0de-0000-7000-8000-000000000001");
}

TEST_F(CallLinesTest, ABatchHasALineForEachOperationThatFailed) {
  CapturedLog log;
  CallLines calls = Lines();
  CallReport report = Report({.failed_inside = true});
  report.operations = 3;
  report.decisions = {
      {.root = "acme", .sequence = 4, .reason = "RESERVATION_SETTLED"},
      {.root = "acme", .sequence = 4, .reason = "BUDGET_EXHAUSTED",
       .denied = true}};
  ASSERT_TRUE(calls.Wants(report.end));
  calls.Log(report);
  const auto lines = log.Lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("operations"), 3);
  EXPECT_EQ(lines[1].at("event"), "operation");
  EXPECT_EQ(lines[1].at("request_id"), "r-1");
  EXPECT_EQ(lines[1].at("reason"), "RESERVATION_SETTLED");
  EXPECT_EQ(lines[1].at("decision_id"), "acme:4");
}

TEST_F(CallLinesTest, NoMoreLinesASecondThanAllowedAndTheRestIsCounted) {
  options_.lines_per_second_max = 10;
  CapturedLog log;
  CallLines calls = Lines();
  const CallEnd end = {.code = Code::kUnavailable};
  const auto call = [&] {
    if (calls.Wants(end)) calls.Log(Report(end));
  };
  for (int i = 0; i < 100; ++i) call();
  EXPECT_EQ(dropped_.value(), 90);
  clock_.Advance(absl::Seconds(1));
  call();
  const auto lines = log.Lines();
  ASSERT_EQ(lines.size(), 12u);
  EXPECT_EQ(lines[10].at("event"), "call_lines_dropped");
  EXPECT_EQ(lines[10].at("count"), 90);
  EXPECT_EQ(lines[11].at("event"), "call");
}

}  // namespace
}  // namespace budget::testing
