#include "budget/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "budget/mocks/mock_connection.h"
#include "budget/reserved_call.h"
#include "tests/client/fake_service.h"

namespace budget {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

RetryPolicy WithoutWaiting() {
  RetryPolicy policy;
  policy.backoff = [](int) { return absl::ZeroDuration(); };
  policy.sleep = [](absl::Duration) {};
  return policy;
}

Client ClientOf(std::vector<std::string> endpoints) {
  return Client(*MakeConnection(
      {.endpoints = std::move(endpoints), .retry = WithoutWaiting()}));
}

v1::ReserveRequest ReserveOf(const std::string& id = "") {
  v1::ReserveRequest request;
  request.set_reservation_id(id);
  request.add_allocations("acme/a");
  return request;
}

const grpc::Status kUnavailable =
    WireError(grpc::StatusCode::UNAVAILABLE, "no", "STORAGE_UNAVAILABLE", 1);

TEST(ClientTest, RetriesUnderTheSameId) {
  FakeService service;
  service.FailWith({kUnavailable, kUnavailable});
  Client client = ClientOf({service.endpoint()});
  const auto answer = client.Reserve(ReserveOf());
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto ids = service.reserve_ids();
  ASSERT_THAT(ids, SizeIs(3));
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(ids[1], ids[2]);
  EXPECT_EQ(ids[0], answer->reservation().reservation_id());
}

// What gRPC answers to a call that arrives while its server begins to stop.
TEST(ClientTest, RetriesACallThatAStoppingServerCancelled) {
  FakeService service;
  service.FailWith({grpc::Status::CANCELLED});
  Client client = ClientOf({service.endpoint()});
  const auto answer = client.Reserve(ReserveOf());
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto ids = service.reserve_ids();
  ASSERT_THAT(ids, SizeIs(2));
  EXPECT_EQ(ids[0], ids[1]);
}

TEST(ClientTest, KeepsTheIdOfTheCaller) {
  FakeService service;
  Client client = ClientOf({service.endpoint()});
  ASSERT_TRUE(client.Reserve(ReserveOf("mine")).ok());
  EXPECT_THAT(service.reserve_ids(), ElementsAre("mine"));
}

TEST(ClientTest, DoesNotRetryADenial) {
  FakeService service;
  service.FailWith({WireError(grpc::StatusCode::RESOURCE_EXHAUSTED, "no",
                              "WINDOW_EXHAUSTED", 1500)});
  Client client = ClientOf({service.endpoint()});
  const auto answer = client.Reserve(ReserveOf());
  EXPECT_THAT(service.reserve_ids(), SizeIs(1));
  const auto denial = DenialOf(answer.status());
  ASSERT_TRUE(denial.has_value());
  EXPECT_EQ(denial->reason, DenialReason::kWindowExhausted);
  EXPECT_EQ(denial->retry_after, absl::Milliseconds(1500));
}

v1::BatchRequest BatchOfTwo() {
  v1::BatchRequest request;
  for (const char* id : {"1", "2"}) {
    *request.add_operations()->mutable_reserve() = ReserveOf(id);
  }
  return request;
}

const grpc::Status kDraining =
    WireError(grpc::StatusCode::UNAVAILABLE, "no", "DRAINING");

// A replica that drains answers a batch operation by operation.
TEST(ClientTest, RetriesABatchOfWhichNothingWasServed) {
  FakeService service;
  service.FailOperationsWith({kDraining, kDraining});
  Client client = ClientOf({service.endpoint()});
  const auto answer = client.Batch(BatchOfTwo());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(service.batches(), 2);
  for (const v1::BatchResult& result : answer->results()) {
    EXPECT_TRUE(result.has_reserve());
  }
}

TEST(ClientTest, DoesNotRetryABatchThatWasServedInPart) {
  FakeService service;
  service.FailOperationsWith({grpc::Status::OK, kDraining});
  Client client = ClientOf({service.endpoint()});
  const auto answer = client.Batch(BatchOfTwo());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(service.batches(), 1);
  EXPECT_TRUE(answer->results(1).has_error());
}

const grpc::Status kOverloaded =
    WireError(grpc::StatusCode::UNAVAILABLE, "no", "OVERLOADED", 1);

TEST(ClientTest, RetriesABatchThatWasTurnedAwayForSeveralReasons) {
  FakeService service;
  service.FailOperationsWith({kOverloaded, kDraining});
  Client client = ClientOf({service.endpoint()});
  ASSERT_TRUE(client.Batch(BatchOfTwo()).ok());
  EXPECT_EQ(service.batches(), 2);
}

// One bad operation must not keep the others from the next replica.
TEST(ClientTest, RetriesABatchOfWhichTheRestIsWrongInItself) {
  for (const grpc::Status& wrong :
       {WireError(grpc::StatusCode::INVALID_ARGUMENT, "no", "INVALID_FIELD"),
        WireError(grpc::StatusCode::PERMISSION_DENIED, "no",
                  "PERMISSION_DENIED"),
        WireError(grpc::StatusCode::UNAUTHENTICATED, "no", "UNAUTHENTICATED"),
        WireError(grpc::StatusCode::NOT_FOUND, "no",
                  "ALLOCATION_NOT_FOUND")}) {
    FakeService service;
    service.FailOperationsWith({wrong, kDraining});
    Client client = ClientOf({service.endpoint()});
    ASSERT_TRUE(client.Batch(BatchOfTwo()).ok());
    EXPECT_EQ(service.batches(), 2) << wrong.error_code();
  }
}

TEST(ClientTest, DoesNotRetryABatchThatIsWrongInItself) {
  FakeService service;
  const grpc::Status wrong =
      WireError(grpc::StatusCode::INVALID_ARGUMENT, "no", "INVALID_FIELD");
  service.FailOperationsWith({wrong, wrong});
  Client client = ClientOf({service.endpoint()});
  ASSERT_TRUE(client.Batch(BatchOfTwo()).ok());
  EXPECT_EQ(service.batches(), 1);
}

// It may have been done: an adjustment would be made once more.
TEST(ClientTest, DoesNotRetryABatchThatMayHaveBeenServed) {
  for (const grpc::Status& other : {kUnavailable, kDraining}) {
    FakeService service;
    service.FailOperationsWith({other, kUnavailable});
    Client client = ClientOf({service.endpoint()});
    ASSERT_TRUE(client.Batch(BatchOfTwo()).ok());
    EXPECT_EQ(service.batches(), 1);
  }
}

TEST(ClientTest, DoesNotRetryABatchOfDenials) {
  FakeService service;
  const grpc::Status denial = WireError(grpc::StatusCode::RESOURCE_EXHAUSTED,
                                        "no", "BUDGET_EXHAUSTED");
  service.FailOperationsWith({denial, denial});
  Client client = ClientOf({service.endpoint()});
  ASSERT_TRUE(client.Batch(BatchOfTwo()).ok());
  EXPECT_EQ(service.batches(), 1);
}

TEST(ClientTest, MovesToTheNextEndpointAndStaysThere) {
  FakeService first;
  FakeService second;
  Client client = ClientOf({first.endpoint(), second.endpoint()});
  ASSERT_TRUE(client.Reserve(ReserveOf("before")).ok());
  const bool began_with_first = first.reserve_ids().size() == 1;
  FakeService& used = began_with_first ? first : second;
  FakeService& other = began_with_first ? second : first;
  used.Stop();
  ASSERT_TRUE(client.Reserve(ReserveOf("1")).ok());
  ASSERT_TRUE(client.Reserve(ReserveOf("2")).ok());
  EXPECT_THAT(other.reserve_ids(), ElementsAre("1", "2"));
}

TEST(ClientTest, SpreadsConnectionsOverEndpoints) {
  FakeService first;
  FakeService second;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(
        ClientOf({first.endpoint(), second.endpoint()}).Reserve(ReserveOf()).ok());
  }
  EXPECT_THAT(first.reserve_ids(), SizeIs(2));
  EXPECT_THAT(second.reserve_ids(), SizeIs(2));
}

TEST(ClientTest, AnswersUnavailableWhenNoEndpointIsThere) {
  FakeService gone;
  const std::string endpoint = gone.endpoint();
  gone.Stop();
  Client client = ClientOf({endpoint});
  EXPECT_TRUE(absl::IsUnavailable(client.Reserve(ReserveOf()).status()));
}

TEST(ClientTest, WatchReconnectsUntilTheCallerHasEnough) {
  FakeService service;
  Client client = ClientOf({service.endpoint()});
  int64_t last = 0;
  const absl::Status status =
      client.Watch({}, [&](const v1::QueryRemainingResponse& remaining) {
        last = remaining.ledger_sequence();
        return last < 3;
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(last, 3);
}

TEST(ClientTest, WatchEndsWhenItIsStopped) {
  FakeService service;
  Client client = ClientOf({service.endpoint()});
  std::stop_source stop;
  const absl::Status status = client.Watch(
      {}, [&](const v1::QueryRemainingResponse&) { return stop.request_stop(); },
      stop.get_token());
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

TEST(ClientTest, FillsTheRequestIdOfAdministration) {
  auto connection = std::make_shared<MockConnection>();
  v1::FreezeAllocationRequest sent;
  EXPECT_CALL(*connection, FreezeAllocation(_, _))
      .WillOnce([&](const auto& request, const auto&) {
        sent = request;
        return v1::FreezeAllocationResponse();
      });
  ASSERT_TRUE(Client(connection).FreezeAllocation({}).ok());
  EXPECT_THAT(sent.request_id(), SizeIs(36));
}

TEST(MakeConnectionTest, RefusesNoEndpoint) {
  EXPECT_TRUE(absl::IsInvalidArgument(MakeConnection({}).status()));
}

TEST(ParseEndpointsTest, DropsBlanksAndEmptyParts) {
  EXPECT_THAT(ParseEndpoints(" a:1, b:2,,"), ElementsAre("a:1", "b:2"));
  EXPECT_THAT(ParseEndpoints(" "), IsEmpty());
}

TEST(NewReservationIdTest, IsVersion7AndNeverTwice) {
  const std::string a = NewReservationId();
  const std::string b = NewReservationId();
  EXPECT_NE(a, b);
  ASSERT_THAT(a, SizeIs(36));
  EXPECT_EQ(a[14], '7');
  EXPECT_NE(std::string("89ab").find(a[19]), std::string::npos);
  EXPECT_LE(a.substr(0, 13), b.substr(0, 13));
}

TEST(ReservedCallTest, ReleasesWhatWasNeverDispatched) {
  FakeService service;
  {
    auto call = ReservedCall::Reserve(ClientOf({service.endpoint()}),
                                      ReserveOf("held"));
    ASSERT_TRUE(call.ok());
  }
  EXPECT_THAT(service.released(), ElementsAre("held"));
}

TEST(ReservedCallTest, LeavesADispatchedCallToItsTtl) {
  FakeService service;
  {
    auto call = ReservedCall::Reserve(ClientOf({service.endpoint()}),
                                      ReserveOf("held"));
    ASSERT_TRUE(call.ok());
    call->MarkDispatched();
  }
  EXPECT_THAT(service.released(), IsEmpty());
}

TEST(ReservedCallTest, SettlesInPartsThenFinally) {
  FakeService service;
  {
    auto call = ReservedCall::Reserve(ClientOf({service.endpoint()}),
                                      ReserveOf("held"));
    ASSERT_TRUE(call.ok());
    v1::Amounts actual;
    actual.set_tokens(5);
    ASSERT_TRUE(call->SettleSoFar(actual).ok());
    actual.set_tokens(9);
    ASSERT_TRUE(call->Settle(actual).ok());
  }
  const auto settles = service.settles();
  ASSERT_THAT(settles, SizeIs(2));
  EXPECT_FALSE(settles[0].final());
  EXPECT_TRUE(settles[1].final());
  EXPECT_EQ(settles[1].actual().tokens(), 9);
  EXPECT_EQ(settles[1].root(), "acme");
  EXPECT_THAT(service.released(), IsEmpty());
}

TEST(ReservedCallTest, AMovedGuardReleasesOnce) {
  FakeService service;
  {
    auto call = ReservedCall::Reserve(ClientOf({service.endpoint()}),
                                      ReserveOf("held"));
    ASSERT_TRUE(call.ok());
    const ReservedCall moved = *std::move(call);
  }
  EXPECT_THAT(service.released(), ElementsAre("held"));
}

}  // namespace
}  // namespace budget
