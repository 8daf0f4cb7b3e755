#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "server/rpc/parse.h"
#include "tests/rpc/rpc_fixture.h"

namespace budget::testing {
namespace {

constexpr char kId[] = "0190a5f4-7c00-4000-8000-000000000001";
constexpr char kOtherId[] = "0190a5f4-7c00-4000-8000-000000000002";

class ServiceTest : public RpcTest {
 protected:
  void CreateCapped() {
    Create(
        "path: 'acme' display_name: 'Acme' labels { key: 'team' value: 'x' } "
        "limits { name: 'cap' unit: UNIT_TOKENS cap: 100 warn_percent: 50 "
        "window { lifetime {} } }");
  }

  // Calls a method whose messages are known by their bytes alone.
  grpc::Status CallBytes(const std::string& method, const std::string& bytes,
                         std::string& answer) {
    grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(
        channel_);
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    grpc::Slice slice(bytes);
    grpc::ByteBuffer response;
    grpc::Status status;
    auto call = stub.PrepareUnaryCall(&context, method,
                                      grpc::ByteBuffer(&slice, 1), &queue);
    call->StartCall();
    call->Finish(&response, &status, this);
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok));
    grpc::Slice whole;
    if (response.DumpToSingleSlice(&whole).ok()) {
      answer.assign(reinterpret_cast<const char*>(whole.begin()), whole.size());
    }
    return status;
  }

  // 1 is SERVING, 2 NOT_SERVING: field 1 of the answer.
  int Health(const std::string& service) {
    std::string answer;
    const std::string request =
        service.empty()
            ? ""
            : absl::StrCat("\x0a", std::string(1, char(service.size())),
                           service);
    EXPECT_TRUE(
        CallBytes("/grpc.health.v1.Health/Check", request, answer).ok());
    return answer.size() == 2 ? answer[1] : -1;
  }
};

TEST_F(ServiceTest, ReserveAnswersWithLimitsAndThresholds) {
  CreateCapped();
  v1::ReserveResponse response;
  ASSERT_TRUE(Reserve(absl::StrCat("reservation_id: '", kId,
                                   "' allocations: 'acme' amounts { tokens: "
                                   "60 } tags { key: 'model' value: 'm-1' }"),
                      &response)
                  .ok());
  EXPECT_EQ(response.reservation().reservation_id(), kId);
  EXPECT_EQ(response.reservation().root(), "acme");
  EXPECT_EQ(response.reservation().state(), v1::RESERVATION_STATE_OPEN);
  EXPECT_EQ(response.reservation().held().tokens(), 60);
  EXPECT_EQ(response.reservation().held().requests(), 1);
  EXPECT_EQ(response.reservation().tags().at("model"), "m-1");
  ASSERT_EQ(response.limits_size(), 1);
  EXPECT_EQ(response.limits(0).allocation(), "acme");
  EXPECT_EQ(response.limits(0).remaining(), 40);
  ASSERT_EQ(response.thresholds_crossed_size(), 1);
  EXPECT_EQ(response.thresholds_crossed(0).warn_percent(), 50);
  EXPECT_FALSE(response.replayed());
  EXPECT_EQ(response.ledger_sequence(), 2);
}

// Stores keep no more, and a repeat is compared with what they kept.
TEST_F(ServiceTest, ATtlCountsInWholeMicroseconds) {
  const absl::StatusOr<Operation> reserve =
      Parse(FromText<v1::ReserveRequest>(absl::StrCat(
          "reservation_id: '", kId,
          "' allocations: 'acme' ttl { seconds: 2 nanos: 7999 }")));
  ASSERT_TRUE(reserve.ok()) << reserve.status();
  EXPECT_EQ(std::get<budget::Reserve>(*reserve).payload->ttl,
            absl::Seconds(2) + absl::Microseconds(7));
  const absl::StatusOr<Operation> adjust =
      Parse(FromText<v1::AdjustReservationRequest>(absl::StrCat(
          "reservation_id: '", kId,
          "' root: 'acme' ttl { seconds: 3 nanos: 999 }")));
  ASSERT_TRUE(adjust.ok()) << adjust.status();
  EXPECT_EQ(std::get<AdjustReservation>(*adjust).ttl, absl::Seconds(3));
}

TEST_F(ServiceTest, ValidateOnlyHoldsNothing) {
  CreateCapped();
  v1::ReserveResponse response;
  ASSERT_TRUE(Reserve("allocations: 'acme' amounts { tokens: 60 } "
                      "validate_only: true",
                      &response)
                  .ok());
  v1::QueryRemainingResponse remaining;
  ASSERT_TRUE(Call(*budget_, &v1::BudgetService::Stub::QueryRemaining,
                   FromText<v1::QueryRemainingRequest>("allocation: 'acme'"),
                   &remaining)
                  .ok());
  EXPECT_EQ(remaining.limits(0).remaining(), 100);
  EXPECT_EQ(remaining.ledger_sequence(), 1);
}

TEST_F(ServiceTest, AdministrativeChangesAnswerWithTheAllocation) {
  CreateCapped();
  v1::SetLimitResponse set;
  ASSERT_TRUE(Call(*admin_, &v1::BudgetAdmin::Stub::SetLimit,
                   FromText<v1::SetLimitRequest>(absl::StrCat(
                       "path: 'acme' limit { name: 'cap' unit: UNIT_TOKENS "
                       "window { lifetime {} } cap: 500 } etag: '",
                       Get("acme").etag(), "' request_id: '", NewId(), "'")),
                   &set)
                  .ok());
  EXPECT_EQ(set.allocation().limits(0).cap(), 500);
  EXPECT_EQ(set.status().limit(), "cap");
  EXPECT_EQ(set.status().cap(), 500);
  v1::UpdateAllocationResponse updated;
  ASSERT_TRUE(
      Call(*admin_, &v1::BudgetAdmin::Stub::UpdateAllocation,
           FromText<v1::UpdateAllocationRequest>(absl::StrCat(
               "allocation { path: 'acme' display_name: 'New' } "
               "update_mask { paths: 'display_name' } etag: '",
               set.allocation().etag(), "' request_id: '", NewId(), "'")),
           &updated)
          .ok());
  EXPECT_EQ(updated.allocation().display_name(), "New");
  EXPECT_EQ(updated.allocation().labels().at("team"), "x");
  v1::AdjustBalanceResponse adjusted;
  ASSERT_TRUE(Call(*admin_, &v1::BudgetAdmin::Stub::AdjustBalance,
                   FromText<v1::AdjustBalanceRequest>(absl::StrCat(
                       "path: 'acme' unit: UNIT_TOKENS amount: 7 reason: "
                       "'import' request_id: '",
                       NewId(), "'")),
                   &adjusted)
                  .ok());
  ASSERT_EQ(adjusted.limits_size(), 1);
  EXPECT_EQ(adjusted.limits(0).spent(), 7);
  v1::VerifyResponse verified;
  ASSERT_TRUE(Call(*admin_, &v1::BudgetAdmin::Stub::Verify,
                   FromText<v1::VerifyRequest>("root: 'acme'"), &verified)
                  .ok());
  EXPECT_TRUE(verified.ok());
  EXPECT_EQ(verified.entries(), 4);
}

// What a caller was told lets Verify find out later whether it is still there.
TEST_F(ServiceTest, EveryChangeOfAReservationAnswersWithItsLedgerEntry) {
  CreateCapped();
  const std::string named =
      absl::StrCat("reservation_id: '", kId, "' root: 'acme' ");
  v1::ReserveResponse reserved;
  ASSERT_TRUE(Reserve(absl::StrCat("reservation_id: '", kId,
                                   "' allocations: 'acme'"),
                      &reserved)
                  .ok());
  EXPECT_EQ(reserved.ledger_sequence(), 2);
  v1::AdjustReservationResponse adjusted;
  ASSERT_TRUE(Call(*budget_, &v1::BudgetService::Stub::AdjustReservation,
                   FromText<v1::AdjustReservationRequest>(
                       named + "held { tokens: 9 }"),
                   &adjusted)
                  .ok());
  EXPECT_EQ(adjusted.ledger_sequence(), 3);
  for (const int64_t sequence : {4, 0}) {  // a repeat changes nothing
    v1::SettleResponse settled;
    ASSERT_TRUE(Call(*budget_, &v1::BudgetService::Stub::Settle,
                     FromText<v1::SettleRequest>(
                         named + "actual { tokens: 7 }"),
                     &settled)
                    .ok());
    EXPECT_EQ(settled.ledger_sequence(), sequence);
  }
  for (const bool replayed : {false, true}) {
    v1::RecordUsageResponse recorded;
    ASSERT_TRUE(Call(*budget_, &v1::BudgetService::Stub::RecordUsage,
                     FromText<v1::RecordUsageRequest>(absl::StrCat(
                         "usage_id: '", kOtherId,
                         "' allocations: 'acme' actual { tokens: 1 }")),
                     &recorded)
                    .ok());
    EXPECT_EQ(recorded.replayed(), replayed);
    EXPECT_EQ(recorded.ledger_sequence(), 5);
  }
  ASSERT_TRUE(Reserve("allocations: 'acme'", &reserved).ok());
  for (const int64_t sequence : {7, 0}) {
    v1::ReleaseResponse released;
    ASSERT_TRUE(Call(*budget_, &v1::BudgetService::Stub::Release,
                     FromText<v1::ReleaseRequest>(absl::StrCat(
                         "reservation_id: '",
                         reserved.reservation().reservation_id(),
                         "' root: 'acme'")),
                     &released)
                    .ok());
    EXPECT_EQ(released.ledger_sequence(), sequence);
  }
}

TEST_F(ServiceTest, VerifyFindsWhatWasAcknowledgedAndIsNotThere) {
  CreateCapped();
  v1::ReserveResponse reserved;
  ASSERT_TRUE(Reserve(absl::StrCat("reservation_id: '", kId,
                                   "' allocations: 'acme'"),
                      &reserved)
                  .ok());
  const auto verify = [this](const std::string& expected) {
    v1::VerifyResponse verified;
    EXPECT_TRUE(Call(*admin_, &v1::BudgetAdmin::Stub::Verify,
                     FromText<v1::VerifyRequest>("root: 'acme' " + expected),
                     &verified)
                    .ok());
    EXPECT_EQ(verified.ok(), verified.discrepancies_total() == 0);
    return verified.ok() ? "" : verified.discrepancies(0).subject();
  };
  EXPECT_EQ(verify("expected { sequence: 2 }"), "");
  EXPECT_EQ(verify(absl::StrCat("expected { sequence: 2 reservation_id: '",
                                kId, "' }")),
            "");
  EXPECT_EQ(verify(absl::StrCat("expected { sequence: 2 reservation_id: '",
                                kOtherId, "' }")),
            "entry 2");
  EXPECT_EQ(verify("expected { sequence: 2 time { seconds: 1 } }"), "entry 2");
  EXPECT_EQ(verify("expected { sequence: 4 }"), "entries 3 to 4");
}

TEST_F(ServiceTest, PricesOfTheRootPriceACall) {
  Create(
      "path: 'acme' limits { name: 'usd' unit: UNIT_USD_NANOS cap: 1000000 "
      "window { lifetime {} } }");
  v1::SetPricesResponse priced;
  ASSERT_TRUE(Call(*admin_, &v1::BudgetAdmin::Stub::SetPrices,
                   FromText<v1::SetPricesRequest>(absl::StrCat(
                       "root: 'acme' request_id: '", NewId(),
                       "' prices { model: 'm' meters { meter: 'input_tokens' "
                       "usd_nanos_per_million: 3000000000 } }")),
                   &priced)
                  .ok());
  EXPECT_EQ(priced.version(), 1);
  v1::ReserveResponse response;
  ASSERT_TRUE(Reserve("allocations: 'acme' usage { model: 'm' "
                      "quantities { meter: 'input_tokens' quantity: 100 } }",
                      &response)
                  .ok());
  EXPECT_EQ(response.reservation().held().usd_nanos(), 300'000);
  v1::GetPricesResponse table;
  ASSERT_TRUE(Call(*admin_, &v1::BudgetAdmin::Stub::GetPrices,
                   FromText<v1::GetPricesRequest>("root: 'acme'"), &table)
                  .ok());
  EXPECT_EQ(table.version(), 1);
  EXPECT_EQ(table.prices(0).meters(0).usd_nanos_per_million(), 3000000000);
}

TEST_F(ServiceTest, ReadsReportStorageTrouble) {
  CreateCapped();
  store_.FailWith(absl::UnavailableError("password=secret"));
  const grpc::Status status =
      Call(*budget_, &v1::BudgetService::Stub::QueryRemaining,
           FromText<v1::QueryRemainingRequest>("allocation: 'acme'"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ErrorDetails(status).reason(), "STORAGE_UNAVAILABLE");
  EXPECT_TRUE(ErrorDetails(status).has_retry);
  EXPECT_EQ(status.error_details().find("secret"), std::string::npos);
}

TEST_F(ServiceTest, HealthIsSetForEachServiceAndForAll) {
  for (const char* name :
       {"", "budget.v1.BudgetService", "budget.v1.BudgetAdmin",
        "budget.v1.LedgerService"}) {
    server_->SetServing(true);
    EXPECT_EQ(Health(name), 1) << name;
    server_->SetServing(false);
    EXPECT_EQ(Health(name), 2) << name;
  }
}

TEST_F(ServiceTest, ReflectionListsTheServices) {
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(channel_);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  auto call = stub.PrepareCall(
      &context,
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  const auto step = [&] {
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok));
    return ok;
  };
  call->StartCall(this);
  ASSERT_TRUE(step());
  grpc::Slice list("\x3a\x01*");  // list_services: "*"
  call->Write(grpc::ByteBuffer(&list, 1), this);
  ASSERT_TRUE(step());
  grpc::ByteBuffer answer;
  call->Read(&answer, this);
  ASSERT_TRUE(step());
  grpc::Slice whole;
  ASSERT_TRUE(answer.DumpToSingleSlice(&whole).ok());
  const std::string text(reinterpret_cast<const char*>(whole.begin()),
                         whole.size());
  for (const char* name : {"budget.v1.BudgetService", "budget.v1.BudgetAdmin",
                           "budget.v1.LedgerService"}) {
    EXPECT_NE(text.find(name), std::string::npos) << name;
  }
  call->WritesDone(this);
  step();
  grpc::Status status;
  call->Finish(&status, this);
  step();
}

TEST_F(ServiceTest, ServesOverTheNetworkToo) {
  CreateCapped();
  const auto stub = v1::BudgetService::NewStub(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                          grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::QueryRemainingResponse response;
  const grpc::Status status = stub->QueryRemaining(
      &context, FromText<v1::QueryRemainingRequest>("allocation: 'acme'"),
      &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.limits(0).cap(), 100);
}

TEST_F(ServiceTest, AMessageHas16MiBAtMost) {
  constexpr size_t kBytesMax = 16 << 20;
  std::string answer;
  const auto code = [&](size_t bytes) {
    // Too long as an id, in a message that is read in any case.
    v1::ReserveRequest request;
    request.set_reservation_id(std::string(bytes, 'x'));
    request.mutable_reservation_id()->resize(2 * bytes -
                                             request.ByteSizeLong());
    EXPECT_EQ(request.ByteSizeLong(), bytes);
    return CallBytes("/budget.v1.BudgetService/Reserve",
                     request.SerializeAsString(), answer)
        .error_code();
  };
  EXPECT_EQ(code(kBytesMax), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code(kBytesMax + 1), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ServiceTest, APortInUseIsRefused) {
  RpcOptions options;
  options.listen = absl::StrCat("127.0.0.1:", server_->port());
  const auto second = RpcServer::Start(store_, dispatcher_, clock_, options);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(std::string(second.status().message()).find(options.listen),
            std::string::npos);
}

TEST_F(ServiceTest, AReplicaSaysWhatItIsAndWhatTimeItHas) {
  v1::GetServerInfoResponse info;
  ASSERT_TRUE(Call(*admin_, &v1::BudgetAdmin::Stub::GetServerInfo,
                   v1::GetServerInfoRequest(), &info)
                  .ok());
  EXPECT_EQ(info.version(), "test");
  EXPECT_EQ(info.schema_version(), 7);
  const int64_t now = absl::ToUnixSeconds(clock_.Now());
  EXPECT_EQ(info.start_time().seconds(), now);
  EXPECT_EQ(info.replica_time().seconds(), now);
  EXPECT_EQ(info.database_time().seconds(), now);
}

TEST_F(ServiceTest, ACallPastItsDeadlineChangesNothing) {
  CreateCapped();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() -
                       std::chrono::seconds(1));
  v1::ReserveResponse response;
  const grpc::Status status =
      budget_->Reserve(&context,
                       FromText<v1::ReserveRequest>(absl::StrCat(
                           "reservation_id: '", kId, "' allocations: 'acme'")),
                       &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  v1::GetReservationResponse read;
  EXPECT_EQ(
      ErrorDetails(Call(*budget_, &v1::BudgetService::Stub::GetReservation,
                        FromText<v1::GetReservationRequest>(absl::StrCat(
                            "root: 'acme' reservation_id: '", kId, "'")),
                        &read))
          .reason(),
      "RESERVATION_NOT_FOUND");
}

}  // namespace
}  // namespace budget::testing
