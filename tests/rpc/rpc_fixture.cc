#include "tests/rpc/rpc_fixture.h"

#include "absl/strings/str_cat.h"
#include "server/domain/path.h"

namespace budget::testing {
namespace {

google::rpc::Status Unpack(const grpc::Status& status) {
  google::rpc::Status error;
  EXPECT_TRUE(error.ParseFromString(status.error_details()));
  EXPECT_EQ(error.code(), static_cast<int>(status.error_code()));
  EXPECT_EQ(error.message(), status.error_message());
  return error;
}

}  // namespace

ErrorDetails::ErrorDetails(const google::rpc::Status& error) : error(error) {
  for (const google::protobuf::Any& detail : error.details()) {
    const bool known =
        detail.UnpackTo(&info) || detail.UnpackTo(&quota) ||
        detail.UnpackTo(&precondition) || detail.UnpackTo(&resource) ||
        detail.UnpackTo(&bad_request) || (has_retry = detail.UnpackTo(&retry));
    EXPECT_TRUE(known) << detail.type_url();
  }
}

ErrorDetails::ErrorDetails(const grpc::Status& status)
    : ErrorDetails(Unpack(status)) {}

absl::Duration ErrorDetails::retry_delay() const {
  return absl::Seconds(retry.retry_delay().seconds()) +
         absl::Nanoseconds(retry.retry_delay().nanos());
}

std::string ErrorDetails::metadata(const std::string& key) const {
  const auto it = info.metadata().find(key);
  return it == info.metadata().end() ? "(none)" : it->second;
}

RpcTest::RpcTest(const DispatcherOptions& options)
    : memory_({.clock = [this] { return clock_.Now(); }}),
      store_(memory_),
      denials_(store_),
      dispatcher_(store_, clock_, &denials_, options) {
  RpcOptions rpc;
  rpc.watch_poll = absl::Milliseconds(5);
  auto server = RpcServer::Start(store_, dispatcher_, clock_, rpc);
  EXPECT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  server_->SetServing(true);
  channel_ = server_->InProcessChannel();
  budget_ = v1::BudgetService::NewStub(channel_);
  admin_ = v1::BudgetAdmin::NewStub(channel_);
  ledger_ = v1::LedgerService::NewStub(channel_);
}

void RpcTest::TearDown() {
  const auto all = memory_.ListAllocations(
      {.include_archived = true, .page_size = 1000});
  ASSERT_TRUE(all.ok()) << all.status();
  for (const Allocation& allocation : all->items) {
    if (RootOf(allocation.path) != allocation.path) continue;
    const auto report = memory_.Verify(allocation.path, {});
    ASSERT_TRUE(report.ok()) << report.status();
    for (const Discrepancy& found : report->discrepancies) {
      ADD_FAILURE() << found.subject << ": ledger " << found.ledger
                    << ", stored " << found.stored;
    }
  }
}

std::string RpcTest::NewId() {
  ++ids_;
  return Uuid::Version7(clock_.Now(), {ids_, ids_}).ToString();
}

v1::Allocation RpcTest::Create(const std::string& text) {
  v1::CreateAllocationRequest request;
  *request.mutable_allocation() = FromText<v1::Allocation>(text);
  request.set_request_id(NewId());
  v1::CreateAllocationResponse response;
  const grpc::Status status = Call(
      *admin_, &v1::BudgetAdmin::Stub::CreateAllocation, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.allocation();
}

v1::Allocation RpcTest::Get(const std::string& path) {
  v1::GetAllocationRequest request;
  request.set_path(path);
  v1::GetAllocationResponse response;
  const grpc::Status status =
      Call(*admin_, &v1::BudgetAdmin::Stub::GetAllocation, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.allocation();
}

grpc::Status RpcTest::Reserve(const std::string& text,
                              v1::ReserveResponse* response) {
  auto request = FromText<v1::ReserveRequest>(text);
  if (request.reservation_id().empty()) request.set_reservation_id(NewId());
  return Call(*budget_, &v1::BudgetService::Stub::Reserve, request, response);
}

grpc::Status RpcTest::Settle(const std::string& text,
                             v1::SettleResponse* response) {
  return Call(*budget_, &v1::BudgetService::Stub::Settle,
              FromText<v1::SettleRequest>(text), response);
}

}  // namespace budget::testing
