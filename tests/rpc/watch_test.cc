#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "tests/rpc/rpc_fixture.h"

namespace budget::testing {
namespace {

class WatchTest : public RpcTest {
 protected:
  void SetUp() override {
    Create(
        "path: 'acme' limits { name: 'hour' unit: UNIT_TOKENS cap: 100 "
        "window { calendar { period: CALENDAR_PERIOD_HOUR } } }");
  }

  using Stream =
      std::unique_ptr<grpc::ClientReader<v1::WatchRemainingResponse>>;
  Stream Watch(const std::string& text) {
    return budget_->WatchRemaining(&context_,
                                   FromText<v1::WatchRemainingRequest>(text));
  }

  grpc::ClientContext context_;
};

TEST_F(WatchTest, SendsTheStateAndThenEveryChange) {
  Stream stream = Watch("allocation: 'acme'");
  v1::WatchRemainingResponse message;
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.remaining().limits(0).remaining(), 100);
  ASSERT_TRUE(Reserve("allocations: 'acme' amounts { tokens: 30 } "
                      "ttl { seconds: 86400 }")
                  .ok());
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.remaining().limits(0).remaining(), 70);
  EXPECT_EQ(message.remaining().ledger_sequence(), 2);
  // The next hour begins without a change of the ledger.
  clock_.Advance(absl::Hours(1));
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.remaining().limits(0).remaining(), 100);
  context_.TryCancel();
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(WatchTest, ChangesWithinTheIntervalComeAsOne) {
  Stream stream = Watch("allocation: 'acme' min_interval { seconds: 60 }");
  v1::WatchRemainingResponse message;
  ASSERT_TRUE(stream->Read(&message));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Reserve("allocations: 'acme' amounts { tokens: 10 }").ok());
  }
  clock_.Advance(absl::Seconds(60));
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.remaining().limits(0).reserved(), 30);
  context_.TryCancel();
}

TEST_F(WatchTest, OutlastsAStorageThatIsAway) {
  Stream stream = Watch("allocation: 'acme'");
  v1::WatchRemainingResponse message;
  ASSERT_TRUE(stream->Read(&message));
  store_.FailWith(absl::UnavailableError("gone"));
  clock_.Advance(absl::Seconds(1));
  store_.FailWith(absl::OkStatus());
  ASSERT_TRUE(Reserve("allocations: 'acme' amounts { tokens: 10 }").ok());
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.remaining().limits(0).reserved(), 10);
  context_.TryCancel();
}

TEST_F(WatchTest, WhatHasNoLimitsIsSentToo) {
  Create("path: 'bare'");
  Stream stream = Watch("allocation: 'bare'");
  v1::WatchRemainingResponse message;
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.remaining().limits_size(), 0);
  context_.TryCancel();
}

TEST_F(WatchTest, EndsWhenTheServerDrains) {
  // A channel within the process is cut off at once; a real one is not.
  const auto stub = v1::BudgetService::NewStub(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                          grpc::InsecureChannelCredentials()));
  Stream stream = stub->WatchRemaining(
      &context_, FromText<v1::WatchRemainingRequest>("allocation: 'acme'"));
  v1::WatchRemainingResponse message;
  ASSERT_TRUE(stream->Read(&message));
  server_->Drain(absl::Seconds(10));
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_EQ(ErrorDetails(stream->Finish()).reason(), "DRAINING");
}

TEST_F(WatchTest, RefusesWhatCannotBeWatched) {
  v1::WatchRemainingResponse message;
  Stream unknown = Watch("allocation: 'nobody'");
  EXPECT_FALSE(unknown->Read(&message));
  EXPECT_EQ(ErrorDetails(unknown->Finish()).reason(), "ALLOCATION_NOT_FOUND");
  const auto refused = [&](const std::string& text) {
    grpc::ClientContext context;
    auto stream = budget_->WatchRemaining(
        &context, FromText<v1::WatchRemainingRequest>(text));
    EXPECT_FALSE(stream->Read(&message));
    return ErrorDetails(stream->Finish()).metadata("field");
  };
  EXPECT_EQ(refused("allocation: 'A'"), "allocation");
  EXPECT_EQ(refused("allocation: 'acme' min_interval { nanos: 99999999 }"),
            "min_interval");
  EXPECT_EQ(refused("allocation: 'acme' min_interval { seconds: 3601 }"),
            "min_interval");
}

}  // namespace
}  // namespace budget::testing
