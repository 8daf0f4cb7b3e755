// What the services count and log of calls.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/access/rights.h"
#include "server/rpc/trace.h"
#include "tests/rpc/kept_calls.h"
#include "tests/rpc/rpc_fixture.h"

namespace budget::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kTrace[] =
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class ObserveTest : public RpcTest {
 protected:
  ObserveTest() {
    RpcOptions options;
    options.meters = meters_;
    options.log = &calls_;
    server_ = RpcServer::Start(store_, dispatcher_, clock_, options).value();
    channel_ = server_->InProcessChannel();
    budget_ = v1::BudgetService::NewStub(channel_);
    admin_ = v1::BudgetAdmin::NewStub(channel_);
  }
  ~ObserveTest() override { server_.reset(); }

  int64_t Started(Method method) {
    return meters_->Of(method).started.value();
  }
  int64_t Handled(Method method, grpc::StatusCode code) {
    return meters_->Of(method).handled[static_cast<size_t>(code)].value();
  }

  grpc::Status ReserveIn(grpc::ClientContext& context, const std::string& path,
                         int64_t tokens = 1) {
    v1::ReserveRequest request;
    request.set_reservation_id(NewId());
    request.add_allocations(path);
    request.mutable_amounts()->set_tokens(tokens);
    (*request.mutable_tags())["secret"] = "tag-s3cret";
    v1::ReserveResponse response;
    return budget_->Reserve(&context, request, &response);
  }

  static std::string TrailingId(const grpc::ClientContext& context) {
    const auto& trailing = context.GetServerTrailingMetadata();
    const auto at = trailing.find(kRequestIdKey);
    if (at == trailing.end()) return "";
    return std::string(at->second.data(), at->second.size());
  }

  const std::shared_ptr<RpcMeters> meters_ = std::make_shared<RpcMeters>();
  KeptCalls calls_;
};

TEST_F(ObserveTest, CountsCallsByMethodAndCode) {
  Create("path: 'acme' limits { name: 'all' unit: UNIT_TOKENS "
         "window { lifetime {} } cap: 10 }");
  const std::string reserve = "allocations: 'acme' amounts { tokens: 6 }";
  EXPECT_TRUE(Reserve(reserve).ok());
  EXPECT_FALSE(Reserve(reserve).ok());
  EXPECT_FALSE(Reserve("allocations: 'ACME'").ok());
  Get("acme");
  EXPECT_EQ(Handled(Method::kCreateAllocation, grpc::StatusCode::OK), 1);
  EXPECT_EQ(Started(Method::kReserve), 3);
  EXPECT_EQ(Handled(Method::kReserve, grpc::StatusCode::OK), 1);
  EXPECT_EQ(Handled(Method::kReserve, grpc::StatusCode::RESOURCE_EXHAUSTED), 1);
  EXPECT_EQ(Handled(Method::kReserve, grpc::StatusCode::INVALID_ARGUMENT), 1);
  EXPECT_EQ(Handled(Method::kGetAllocation, grpc::StatusCode::OK), 1);
  EXPECT_EQ(Started(Method::kSettle), 0);
}

TEST_F(ObserveTest, CountsStreamsWhileTheyAreOpen) {
  Create("path: 'acme'");
  {
    grpc::ClientContext context;
    v1::WatchRemainingRequest request;
    request.set_allocation("acme");
    const auto stream = budget_->WatchRemaining(&context, request);
    v1::WatchRemainingResponse message;
    ASSERT_TRUE(stream->Read(&message));
    EXPECT_EQ(meters_->streams_open.value(), 1);
    context.TryCancel();
    while (stream->Read(&message)) continue;
    stream->Finish();
  }
  server_->Drain(absl::Seconds(10));
  EXPECT_EQ(meters_->streams_open.value(), 0);
  EXPECT_EQ(Started(Method::kWatchRemaining), 1);
  EXPECT_EQ(Handled(Method::kWatchRemaining, grpc::StatusCode::CANCELLED) +
                Handled(Method::kWatchRemaining, grpc::StatusCode::UNAVAILABLE),
            1);
}

TEST_F(ObserveTest, ReportsTheIdsOfACall) {
  Create("path: 'acme'");
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", "gateway-7/42");
  context.AddMetadata("traceparent", kTrace);
  EXPECT_TRUE(ReserveIn(context, "acme").ok());
  const CallReport report = calls_.last();
  EXPECT_EQ(report.end.method, "Reserve");
  EXPECT_EQ(report.end.service, "budget.v1.BudgetService");
  EXPECT_EQ(report.request_id, "gateway-7/42");
  EXPECT_EQ(report.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(report.parent_id, "b7ad6b7169203331");
  EXPECT_EQ(TrailingId(context), "");  // the caller knows it
  ASSERT_EQ(report.decisions.size(), 1u);
  EXPECT_EQ(report.decisions[0].root, "acme");
  EXPECT_EQ(report.decisions[0].sequence, 2);
  EXPECT_THAT(report.decisions[0].reservation, Not(IsEmpty()));
}

TEST_F(ObserveTest, GivesAnIdToACallWithoutOneAndSaysIt) {
  Create("path: 'acme'");
  grpc::ClientContext context;
  EXPECT_TRUE(ReserveIn(context, "acme").ok());
  EXPECT_THAT(calls_.last().request_id, Not(IsEmpty()));
  EXPECT_EQ(TrailingId(context), calls_.last().request_id);
  EXPECT_EQ(calls_.last().trace_id, "");
}

TEST_F(ObserveTest, AnIdThatMayNotBeLoggedIsReplaced) {
  Create("path: 'acme'");
  for (const std::string& bad :
       {std::string("a b"), std::string("x\"y"), std::string(129, 'a')}) {
    grpc::ClientContext context;
    context.AddMetadata("x-request-id", bad);
    EXPECT_TRUE(ReserveIn(context, "acme").ok());
    EXPECT_NE(calls_.last().request_id, bad);
    EXPECT_EQ(TrailingId(context), calls_.last().request_id);
  }
}

TEST_F(ObserveTest, ADenialNamesTheStateInWhichItWasDecided) {
  Create("path: 'acme' limits { name: 'all' unit: UNIT_TOKENS "
         "window { lifetime {} } cap: 10 }");
  grpc::ClientContext context;
  EXPECT_FALSE(ReserveIn(context, "acme", 11).ok());
  const CallReport report = calls_.last();
  EXPECT_TRUE(report.end.denied);
  EXPECT_EQ(report.end.reason, "BUDGET_EXHAUSTED");
  ASSERT_EQ(report.decisions.size(), 1u);
  EXPECT_EQ(report.decisions[0].sequence, 1);
  EXPECT_THAT(report.decisions[0].reservation, Not(IsEmpty()));
}

TEST_F(ObserveTest, ABatchReportsWhatWasNotGranted) {
  Create("path: 'acme'");
  v1::BatchRequest request;
  v1::ReserveRequest& good = *request.add_operations()->mutable_reserve();
  good.set_reservation_id(NewId());
  good.add_allocations("acme");
  good.mutable_amounts()->set_tokens(1);
  v1::ReleaseRequest& unknown = *request.add_operations()->mutable_release();
  unknown.set_reservation_id(NewId());
  unknown.set_root("acme");
  EXPECT_TRUE(
      Call(*budget_, &v1::BudgetService::Stub::Batch, request).ok());
  const CallReport report = calls_.last();
  EXPECT_TRUE(report.end.failed_inside);
  EXPECT_EQ(report.operations, 2);
  ASSERT_EQ(report.decisions.size(), 1u);
  EXPECT_EQ(report.decisions[0].reason, "RESERVATION_NOT_FOUND");
}

TEST(TraceParentTest, IsReadAsTheStandardSays) {
  const auto trace = ParseTraceParent(kTrace);
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(trace->parent_id, "b7ad6b7169203331");
  // A later version may add to it.
  EXPECT_TRUE(ParseTraceParent(
                  "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x")
                  .has_value());
}

TEST(TraceParentTest, WhatIsNoneIsLeftAlone) {
  for (const char* bad :
       {"", "00", "hello",
        // All zero.
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        // The forbidden version, capitals, no hexadecimal digits, other signs.
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
        "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
        // Longer than version 00 may be, or without the hyphen.
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x"}) {
    EXPECT_FALSE(ParseTraceParent(bad).has_value()) << bad;
  }
}

TEST(RequestIdTest, IsNotGivenTwice) {
  EXPECT_NE(NewRequestId(), NewRequestId());
}

}  // namespace
}  // namespace budget::testing
