#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/budget_service.pb.h"
#include "budget/v1/ledger_service.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/domain/path.h"
#include "server/rpc/answer.h"
#include "server/rpc/error.h"
#include "server/rpc/manage_access.h"
#include "server/rpc/parse.h"
#include "server/rpc/parse_watch.h"
#include "server/rpc/read.h"
#include "server/rpc/wire.h"
#include "server/store/memory/memory_access_store.h"
#include "tests/fuzz/budget_world.h"
#include "tests/fuzz/require.h"

// A request as it comes from the wire, all the way: decoded, parsed, decided,
// and converted back. The first byte says which request.
namespace budget::fuzz {
namespace {

// Every error has ErrorInfo, and says something.
void CheckError(const google::rpc::Status& error) {
  Require(error.code() != 0 && !error.message().empty(), "an error says why");
  google::rpc::ErrorInfo info;
  Require(error.details_size() > 0 && error.details(0).UnpackTo(&info),
          "an error begins with ErrorInfo");
  Require(info.domain() == kErrorDomain && !info.reason().empty(),
          "an error has a reason");
  ToGrpc(error);
}

// What is malformed is told by field.
void CheckBadRequest(const absl::Status& status) {
  const google::rpc::Status error = ErrorOf(RefusalOf(status), {});
  CheckError(error);
  google::rpc::BadRequest bad;
  for (const auto& detail : error.details()) detail.UnpackTo(&bad);
  Require(bad.field_violations_size() > 0 &&
              !bad.field_violations(0).description().empty(),
          "bad input is told by field");
}

// What was decided again must be what was decided first.
void CheckSame(const Outcome& first, const Outcome& again) {
  Require(again.ok(), "the same again is answered");
  Require(again.price_version == first.price_version,
          "the same again sets no second prices");
  Require(again.reservation == first.reservation,
          "the same again leaves the reservation as it is");
}

template <typename Response>
void RunAndAnswer(const Operation& operation) {
  BudgetWorld world;
  const OperationResult first = world.Run(operation);
  if (!first.outcome.ok()) return CheckError(ErrorOf(first));
  OnArena<Response> response;
  Fill(first, *response);
  grpc::ByteBuffer bytes;
  Encode(*response, bytes);
  const absl::string_view root = RootOf(operation);
  const size_t entries = world.LedgerLength(root);
  CheckSame(first.outcome, world.Run(operation).outcome);
  Require(world.LedgerLength(root) == entries,
          "the same again leaves no entry");
}

absl::StatusOr<Operation> ParseAny(const auto& request) {
  if constexpr (requires { Parse(request, absl::string_view()); }) {
    return Parse(request, absl::string_view("fuzz"));
  } else {
    return Parse(request);
  }
}

template <typename Request, typename Response>
void TryChange(const grpc::ByteBuffer& bytes) {
  OnArena<Request> request;
  const absl::Status decoded = Decode(bytes, *request);
  if (!decoded.ok()) return CheckBadRequest(decoded);
  const absl::StatusOr<Operation> operation = ParseAny(*request);
  if (!operation.ok()) return CheckBadRequest(operation.status());
  RunAndAnswer<Response>(*operation);
}

void TryBatch(const grpc::ByteBuffer& bytes) {
  OnArena<v1::BatchRequest> request;
  const absl::Status decoded = Decode(bytes, *request);
  if (!decoded.ok()) return CheckBadRequest(decoded);
  const absl::Status whole = CheckBatch(*request);
  if (!whole.ok()) return CheckBadRequest(whole);
  BudgetWorld world;
  for (int i = 0; i < request->operations_size(); ++i) {
    const auto operation = Parse(request->operations(i), i);
    if (!operation.ok()) {
      CheckBadRequest(operation.status());
      continue;
    }
    v1::BatchResult result;
    Fill(world.Run(*operation), request->operations(i), result);
    if (result.has_error()) CheckError(result.error());
  }
}

template <typename Request, typename Response>
void TryRead(const grpc::ByteBuffer& bytes) {
  OnArena<Request> request;
  const absl::Status decoded = Decode(bytes, *request);
  if (!decoded.ok()) return CheckBadRequest(decoded);
  BudgetWorld world;
  OnArena<Response> response;
  const std::optional<Refusal> refusal =
      Read(world.store(), Pass(), *request, *response);
  if (refusal) CheckError(ErrorOf(*refusal, {}));
}

// As far as there is no stream: what it would show first.
void TryWatch(const grpc::ByteBuffer& bytes) {
  OnArena<v1::WatchRemainingRequest> request;
  const absl::Status decoded = Decode(bytes, *request);
  if (!decoded.ok()) return CheckBadRequest(decoded);
  WatchStream::Subject subject;
  const absl::Status parsed = Parse(*request, subject);
  if (!parsed.ok()) return CheckBadRequest(parsed);
  Require(subject.root == RootOf(subject.path), "a stream has its root");
  Require(subject.min_interval >= absl::Milliseconds(100) &&
              subject.min_interval <= absl::Hours(1),
          "a stream keeps within its interval");
  v1::QueryRemainingRequest reading;
  reading.set_allocation(subject.path);
  v1::WatchRemainingResponse message;
  BudgetWorld world;
  const std::optional<Refusal> refusal =
      Read(world.store(), subject.pass, reading, *message.mutable_remaining());
  if (refusal) return CheckError(ErrorOf(*refusal, {}));
  grpc::ByteBuffer sent;
  Encode(message, sent);
}

template <typename Request, typename Response>
void TryManage(const grpc::ByteBuffer& bytes) {
  OnArena<Request> request;
  const absl::Status decoded = Decode(bytes, *request);
  if (!decoded.ok()) return CheckBadRequest(decoded);
  MemoryAccessStore store([] { return absl::UnixEpoch(); });
  const Pass everything;
  const Manager manager = {
      .store = store, .pass = everything, .actor = "fuzz"};
  OnArena<Response> response;
  const std::optional<Refusal> refusal = Answer(manager, *request, *response);
  if (refusal) CheckError(ErrorOf(*refusal, {}));
}

using Try = void (*)(const grpc::ByteBuffer&);

// New requests go to the end: the corpus counts on the order.
constexpr Try kTries[] = {
    TryChange<v1::ReserveRequest, v1::ReserveResponse>,
    TryChange<v1::AdjustReservationRequest, v1::AdjustReservationResponse>,
    TryChange<v1::SettleRequest, v1::SettleResponse>,
    TryChange<v1::ReleaseRequest, v1::ReleaseResponse>,
    TryChange<v1::RecordUsageRequest, v1::RecordUsageResponse>,
    TryBatch,
    TryChange<v1::CreateAllocationRequest, v1::CreateAllocationResponse>,
    TryChange<v1::UpdateAllocationRequest, v1::UpdateAllocationResponse>,
    TryChange<v1::ArchiveAllocationRequest, v1::ArchiveAllocationResponse>,
    TryChange<v1::SetLimitRequest, v1::SetLimitResponse>,
    TryChange<v1::RemoveLimitRequest, v1::RemoveLimitResponse>,
    TryChange<v1::FreezeAllocationRequest, v1::FreezeAllocationResponse>,
    TryChange<v1::UnfreezeAllocationRequest, v1::UnfreezeAllocationResponse>,
    TryChange<v1::AdjustBalanceRequest, v1::AdjustBalanceResponse>,
    TryChange<v1::TransferCapRequest, v1::TransferCapResponse>,
    TryChange<v1::SetPricesRequest, v1::SetPricesResponse>,
    TryRead<v1::QueryRemainingRequest, v1::QueryRemainingResponse>,
    TryRead<v1::GetReservationRequest, v1::GetReservationResponse>,
    TryRead<v1::ListReservationsRequest, v1::ListReservationsResponse>,
    TryRead<v1::GetAllocationRequest, v1::GetAllocationResponse>,
    TryRead<v1::ListAllocationsRequest, v1::ListAllocationsResponse>,
    TryRead<v1::GetPricesRequest, v1::GetPricesResponse>,
    TryRead<v1::VerifyRequest, v1::VerifyResponse>,
    TryRead<v1::ListLedgerEntriesRequest, v1::ListLedgerEntriesResponse>,
    TryRead<v1::ListDenialsRequest, v1::ListDenialsResponse>,
    TryRead<v1::GetCheckpointRequest, v1::GetCheckpointResponse>,
    TryRead<v1::GetServerInfoRequest, v1::GetServerInfoResponse>,
    TryManage<v1::CreateTokenRequest, v1::CreateTokenResponse>,
    TryManage<v1::ListTokensRequest, v1::ListTokensResponse>,
    TryManage<v1::RevokeTokenRequest, v1::RevokeTokenResponse>,
    TryManage<v1::AddGrantRequest, v1::AddGrantResponse>,
    TryManage<v1::RemoveGrantRequest, v1::RemoveGrantResponse>,
    TryManage<v1::ListGrantsRequest, v1::ListGrantsResponse>,
    TryManage<v1::ListAccessChangesRequest, v1::ListAccessChangesResponse>,
    TryWatch,
};

}  // namespace
}  // namespace budget::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const grpc::Slice slice(data + 1, size - 1);
  budget::fuzz::kTries[data[0] % std::size(budget::fuzz::kTries)](
      grpc::ByteBuffer(&slice, 1));
  return 0;
}
