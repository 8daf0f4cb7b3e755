// No caller takes what is there for all: watch streams, threads for reads, and
// the time of the server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "server/rpc/call.h"
#include "tests/rpc/rpc_fixture.h"
#include "tests/rpc/secured_server.h"
#include "tests/support/forwarding_store.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;

constexpr int kStreams = 8;
constexpr int kShare = kStreams / 4;
constexpr absl::Duration kLongEnough = absl::Minutes(1);

// A stream on acme that is open until this ends.
class OpenStream {
 public:
  OpenStream(const std::shared_ptr<grpc::Channel>& channel,
             const std::string& token)
      : stub_(v1::BudgetService::NewStub(channel)) {
    if (!token.empty()) {
      context_.AddMetadata("authorization", absl::StrCat("Bearer ", token));
    }
    v1::WatchRemainingRequest request;
    request.set_allocation("acme");
    reader_ = stub_->WatchRemaining(&context_, request);
    v1::WatchRemainingResponse message;
    if (!reader_->Read(&message)) refused_ = reader_->Finish();
  }
  ~OpenStream() { context_.TryCancel(); }

  bool serves() const { return refused_.ok(); }
  const grpc::Status& refused() const { return refused_; }

 private:
  std::unique_ptr<v1::BudgetService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchRemainingResponse>> reader_;
  grpc::Status refused_;
};

class WatchShareTest : public ::testing::Test {
 protected:
  WatchShareTest() {
    server_.MustCall("BudgetAdmin/CreateAllocation",
                     absl::StrCat("request_id: '", server_.NewId(),
                                  "' allocation { path: 'acme' }"));
  }

  std::unique_ptr<OpenStream> Watch(const std::string& token) {
    return std::make_unique<OpenStream>(server_.channel(), token);
  }

  SecuredServer server_{{.watch_streams_max = kStreams}};
};

TEST_F(WatchShareTest, APrincipalHasAQuarterOfTheStreams) {
  const std::string dash = server_.TokenOf("dash", Role::kViewer, "acme");
  const std::string again = server_.TokenOf("dash", Role::kViewer, "acme");
  const std::string other = server_.TokenOf("other", Role::kViewer, "acme");
  std::vector<std::unique_ptr<OpenStream>> open;
  for (int i = 0; i < kShare; ++i) {
    open.push_back(Watch(dash));
    EXPECT_TRUE(open.back()->serves());
  }
  // Another token of the same principal is no other principal.
  const auto refused = Watch(again);
  EXPECT_EQ(ErrorDetails(refused->refused()).reason(), "OVERLOADED");
  EXPECT_THAT(refused->refused().error_message(),
              HasSubstr("principal dash has 2 watch streams open here"));
  EXPECT_TRUE(Watch(other)->serves());
  // Who ends one may have another.
  open.pop_back();
  EXPECT_TRUE(Eventually([&] { return Watch(again)->serves(); }));
}

TEST_F(WatchShareTest, AllOfThemTogetherHaveAllOfTheStreams) {
  std::vector<std::unique_ptr<OpenStream>> open;
  for (int i = 0; i < kStreams; ++i) {
    open.push_back(Watch(server_.TokenOf(absl::StrCat("dash", i / kShare),
                                         Role::kViewer, "acme")));
    EXPECT_TRUE(open.back()->serves()) << i;
  }
  const auto refused =
      Watch(server_.TokenOf("late", Role::kViewer, "acme"));
  EXPECT_EQ(ErrorDetails(refused->refused()).reason(), "OVERLOADED");
}

class ShareTest : public RpcTest {
 protected:
  ShareTest() { Create("path: 'acme'"); }

  // Another server on `store`.
  void Serve(Store& store, const RpcOptions& options) {
    server_ = RpcServer::Start(store, dispatcher_, clock_, options).value();
    channel_ = server_->InProcessChannel();
  }
};

TEST_F(ShareTest, WhereNobodyIsAskedEverybodyMayHaveAllStreams) {
  Serve(store_, {.watch_streams_max = kStreams});
  std::vector<std::unique_ptr<OpenStream>> open;
  for (int i = 0; i < kStreams; ++i) {
    open.push_back(std::make_unique<OpenStream>(channel_, ""));
    EXPECT_TRUE(open.back()->serves());
  }
  EXPECT_FALSE(OpenStream(channel_, "").serves());
}

// Its Verify takes until it is told to end.
class LongLedger final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  absl::StatusOr<VerifyReport> Verify(absl::string_view root,
                                      KnownElsewhere elsewhere) override {
    {
      absl::MutexLock lock(&mutex_);
      ++begun_;
    }
    end_.WaitForNotification();
    return base().Verify(root, std::move(elsewhere));
  }

  bool Begun(int times) {
    absl::MutexLock lock(&mutex_);
    const auto begun = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return begun_ >= times;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&begun), kLongEnough);
  }
  int begun() {
    absl::MutexLock lock(&mutex_);
    return begun_;
  }
  void End() { end_.Notify(); }

 private:
  absl::Mutex mutex_;
  int begun_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Notification end_;
};

class LongReadTest : public ShareTest {
 protected:
  LongReadTest() {
    Serve(ledger_, {.read_threads = 2, .long_read_queue_max = 1});
  }
  ~LongReadTest() override { server_.reset(); }

  grpc::Status Verify() {
    v1::VerifyRequest request;
    request.set_root("acme");
    const auto stub = v1::BudgetAdmin::NewStub(channel_);
    return Call(*stub, &v1::BudgetAdmin::Stub::Verify, request);
  }
  grpc::Status Query() {
    v1::QueryRemainingRequest request;
    request.set_allocation("acme");
    const auto stub = v1::BudgetService::NewStub(channel_);
    return Call(*stub, &v1::BudgetService::Stub::QueryRemaining, request);
  }

  LongLedger ledger_{store_};
};

TEST_F(LongReadTest, OneAtATimeLeavesTheThreadsToTheOthers) {
  // One runs, one waits, and for one there is no room.
  absl::Notification refused;
  grpc::Status refusal;
  std::atomic<int> verified = 0;
  const auto verify = [&] {
    const grpc::Status status = Verify();
    if (status.ok()) {
      ++verified;
      return;
    }
    refusal = status;
    refused.Notify();
  };
  std::vector<std::thread> auditors;
  auditors.emplace_back(verify);
  EXPECT_TRUE(ledger_.Begun(1));
  for (int i = 0; i < 2; ++i) auditors.emplace_back(verify);
  EXPECT_TRUE(refused.WaitForNotificationWithTimeout(kLongEnough));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Query().ok());
  EXPECT_EQ(ledger_.begun(), 1);
  ledger_.End();
  for (std::thread& auditor : auditors) auditor.join();
  EXPECT_EQ(verified, 2);
  EXPECT_EQ(ErrorDetails(refusal).reason(), "OVERLOADED");
  EXPECT_TRUE(ErrorDetails(refusal).has_retry);
  EXPECT_THAT(refusal.error_message(), HasSubstr("or at another replica"));
}

TEST(CallerIdTest, APrincipalIsOneCallerWhereverItCallsFrom) {
  const auto pass_of = [](const std::string& principal) {
    const std::vector<Grant> none;
    return Pass({.identity = std::make_shared<Identity>(principal, none)},
                RightsOf(Method::kReserve));
  };
  const CallerId gateway = CallerIdOf(pass_of("gateway"), "ipv4:10.0.0.1:5000");
  EXPECT_EQ(CallerIdOf(pass_of("gateway"), "ipv4:10.0.0.2:6000"), gateway);
  EXPECT_NE(CallerIdOf(pass_of("other"), "ipv4:10.0.0.1:5000"), gateway);
}

TEST(CallerIdTest, AnAddressIsOneCallerWhereNobodyIsAsked) {
  const CallerId one = CallerIdOf(Pass(), "ipv4:10.0.0.1:5000");
  EXPECT_EQ(CallerIdOf(Pass(), "ipv4:10.0.0.1:6000"), one);
  EXPECT_NE(CallerIdOf(Pass(), "ipv4:10.0.0.2:5000"), one);
  EXPECT_NE(CallerIdOf(Pass(), "ipv6:%5B::1%5D:5000"),
            CallerIdOf(Pass(), "ipv6:%5B::2%5D:5000"));
}

// Its transactions on one root take until it is told to end.
class SlowRoot final : public ForwardingStore {
 public:
  SlowRoot(Store& store, std::string root)
      : ForwardingStore(store), root_(std::move(root)) {}

  absl::Status Transact(
      Turn turn, absl::Span<const LoadPlan> plans,
      absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
      absl::Time deadline) override {
    if (plans.front().root == root_) end_.WaitForNotification();
    return base().Transact(std::move(turn), plans, decide, deadline);
  }
  void End() { end_.Notify(); }

 private:
  const std::string root_;
  absl::Notification end_;
};

class CrowdTest : public ShareTest {
 protected:
  CrowdTest() {
    Create("path: 'flood'");
    server_ = RpcServer::Start(slow_, small_, clock_, {}).value();
    channel_ = server_->InProcessChannel();
    budget_ = v1::BudgetService::NewStub(channel_);
  }
  ~CrowdTest() override { server_.reset(); }

  grpc::Status ReserveIn(const std::string& root, const std::string& id) {
    return Reserve(absl::StrCat("reservation_id: '", id, "' allocations: '",
                                root, "' amounts { requests: 1 }"));
  }
  int64_t refused() const {
    return meters_->shed[static_cast<size_t>(Shed::kQueue)].value();
  }

  std::shared_ptr<LaneMeters> meters_ = std::make_shared<LaneMeters>();
  SlowRoot slow_{store_, "flood"};
  Dispatcher small_{slow_,
                    clock_,
                    nullptr,
                    {.queue_operations_max = 1, .meters = meters_}};
};

TEST_F(CrowdTest, IsRefusedWhileOthersAreServed) {
  EXPECT_TRUE(ReserveIn("acme", NewId()).ok());
  // One is under way, one may wait, and for the others there is no room.
  constexpr int kCalls = 6;
  std::vector<grpc::Status> answers(kCalls);
  std::vector<std::thread> flood;
  for (grpc::Status& answer : answers) {
    flood.emplace_back([this, &answer, id = NewId()] {
      answer = ReserveIn("flood", id);
    });
  }
  EXPECT_TRUE(Eventually([&] { return refused() >= kCalls - 2; }));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(ReserveIn("acme", NewId()).ok());
  slow_.End();
  small_.Drain();
  for (std::thread& caller : flood) caller.join();
  for (const grpc::Status& answer : answers) {
    if (answer.ok()) continue;
    EXPECT_EQ(answer.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ErrorDetails(answer).reason(), "OVERLOADED");
    EXPECT_TRUE(ErrorDetails(answer).has_retry);
  }
}

}  // namespace
}  // namespace budget::testing
