#ifndef BUDGET_CLIENT_H_
#define BUDGET_CLIENT_H_

#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "budget/connection.h"
#include "budget/denial.h"
#include "budget/reservation_id.h"

namespace budget {

// What a gateway holds: cheap to copy, safe from any thread. Each call has a
// deadline and is repeated on UNAVAILABLE under the same id, so a lost answer
// neither holds nor charges twice; AdjustReservation has no id. DenialOf
// (denial.h) tells a budget that said no from everything else.
//
//   auto connection = budget::MakeConnection({.endpoints = {"budget:7443"}});
//   budget::Client client(*std::move(connection));
//   budget::v1::ReserveRequest request;
//   request.add_allocations("acme/search/key-17");
//   request.mutable_amounts()->set_usd_nanos(40'000'000);
//   auto held = client.Reserve(request);
//   if (auto denial = budget::DenialOf(held.status())) ...  // answer 429
class Client {
 public:
  explicit Client(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  // As Connection::Watch: blocks, and reconnects on its own.
  absl::Status Watch(
      const v1::WatchRemainingRequest& request,
      absl::FunctionRef<bool(const v1::QueryRemainingResponse&)> on_update,
      std::stop_token stop = {}, const CallOptions& options = {}) {
    return connection_->Watch(request, options, on_update, std::move(stop));
  }

  // Holds an upper bound before dispatch. An empty reservation_id is filled;
  // the answer names it.
  absl::StatusOr<v1::ReserveResponse> Reserve(
      v1::ReserveRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_reservation_id());
    return connection_->Reserve(request, options);
  }
  // Changes what is held, or for how long. A repeat of a lost one sets that
  // anew, whatever has been reported since.
  absl::StatusOr<v1::AdjustReservationResponse> AdjustReservation(
      const v1::AdjustReservationRequest& request, const CallOptions& options = {}) {
    return connection_->AdjustReservation(request, options);
  }
  // Records the cumulative usage so far; the last one with `final`.
  absl::StatusOr<v1::SettleResponse> Settle(
      const v1::SettleRequest& request, const CallOptions& options = {}) {
    return connection_->Settle(request, options);
  }
  // Frees the hold of a call that was never dispatched.
  absl::StatusOr<v1::ReleaseResponse> Release(
      const v1::ReleaseRequest& request, const CallOptions& options = {}) {
    return connection_->Release(request, options);
  }
  // Records usage that had no hold. An empty usage_id is filled.
  absl::StatusOr<v1::RecordUsageResponse> RecordUsage(
      v1::RecordUsageRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_usage_id());
    return connection_->RecordUsage(request, options);
  }
  // Runs up to 1,000 operations, all ids set; each result has its own error
  // (StatusFrom reads it). Repeated as a whole where its answer was lost, and
  // where none of it was begun. An adjustment before a report of usage of its
  // reservation then raises the hold again, until that is settled; caps hold.
  absl::StatusOr<v1::BatchResponse> Batch(
      const v1::BatchRequest& request, const CallOptions& options = {}) {
    return connection_->Batch(request, options);
  }
  // Reads every limit of the chain of an allocation.
  absl::StatusOr<v1::QueryRemainingResponse> QueryRemaining(
      const v1::QueryRemainingRequest& request, const CallOptions& options = {}) {
    return connection_->QueryRemaining(request, options);
  }
  // Reads one reservation.
  absl::StatusOr<v1::GetReservationResponse> GetReservation(
      const v1::GetReservationRequest& request, const CallOptions& options = {}) {
    return connection_->GetReservation(request, options);
  }
  // Reads one page of reservations, newest first.
  absl::StatusOr<v1::ListReservationsResponse> ListReservations(
      const v1::ListReservationsRequest& request, const CallOptions& options = {}) {
    return connection_->ListReservations(request, options);
  }

  // Administration: an empty request_id is filled.
  absl::StatusOr<v1::CreateAllocationResponse> CreateAllocation(
      v1::CreateAllocationRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_request_id());
    return connection_->CreateAllocation(request, options);
  }
  absl::StatusOr<v1::GetAllocationResponse> GetAllocation(
      const v1::GetAllocationRequest& request, const CallOptions& options = {}) {
    return connection_->GetAllocation(request, options);
  }
  absl::StatusOr<v1::ListAllocationsResponse> ListAllocations(
      const v1::ListAllocationsRequest& request, const CallOptions& options = {}) {
    return connection_->ListAllocations(request, options);
  }
  absl::StatusOr<v1::UpdateAllocationResponse> UpdateAllocation(
      v1::UpdateAllocationRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_request_id());
    return connection_->UpdateAllocation(request, options);
  }
  absl::StatusOr<v1::ArchiveAllocationResponse> ArchiveAllocation(
      v1::ArchiveAllocationRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_request_id());
    return connection_->ArchiveAllocation(request, options);
  }
  absl::StatusOr<v1::SetLimitResponse> SetLimit(
      v1::SetLimitRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_request_id());
    return connection_->SetLimit(request, options);
  }
  absl::StatusOr<v1::RemoveLimitResponse> RemoveLimit(
      v1::RemoveLimitRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_request_id());
    return connection_->RemoveLimit(request, options);
  }
  absl::StatusOr<v1::FreezeAllocationResponse> FreezeAllocation(
      v1::FreezeAllocationRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_request_id());
    return connection_->FreezeAllocation(request, options);
  }
  absl::StatusOr<v1::UnfreezeAllocationResponse> UnfreezeAllocation(
      v1::UnfreezeAllocationRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_request_id());
    return connection_->UnfreezeAllocation(request, options);
  }
  absl::StatusOr<v1::AdjustBalanceResponse> AdjustBalance(
      v1::AdjustBalanceRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_request_id());
    return connection_->AdjustBalance(request, options);
  }
  absl::StatusOr<v1::TransferCapResponse> TransferCap(
      v1::TransferCapRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_request_id());
    return connection_->TransferCap(request, options);
  }
  absl::StatusOr<v1::SetPricesResponse> SetPrices(
      v1::SetPricesRequest request, const CallOptions& options = {}) {
    FillId(request.mutable_request_id());
    return connection_->SetPrices(request, options);
  }
  absl::StatusOr<v1::GetPricesResponse> GetPrices(
      const v1::GetPricesRequest& request, const CallOptions& options = {}) {
    return connection_->GetPrices(request, options);
  }
  // Compares the ledger of a root with every counter. Give it time.
  absl::StatusOr<v1::VerifyResponse> Verify(
      const v1::VerifyRequest& request, const CallOptions& options = {}) {
    return connection_->Verify(request, options);
  }
  // Says what the replica that answers is.
  absl::StatusOr<v1::GetServerInfoResponse> GetServerInfo(
      const CallOptions& options = {}) {
    return connection_->GetServerInfo({}, options);
  }

  // Reads one page of the ledger of a root.
  absl::StatusOr<v1::ListLedgerEntriesResponse> ListLedgerEntries(
      const v1::ListLedgerEntriesRequest& request, const CallOptions& options = {}) {
    return connection_->ListLedgerEntries(request, options);
  }
  // Reads one page of denial counts.
  absl::StatusOr<v1::ListDenialsResponse> ListDenials(
      const v1::ListDenialsRequest& request, const CallOptions& options = {}) {
    return connection_->ListDenials(request, options);
  }
  // Reads the hash chain of a root at its last seal.
  absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(
      const v1::GetCheckpointRequest& request, const CallOptions& options = {}) {
    return connection_->GetCheckpoint(request, options);
  }

  // Makes a bearer token; the answer tells it this once. Tried once.
  absl::StatusOr<v1::CreateTokenResponse> CreateToken(
      const v1::CreateTokenRequest& request, const CallOptions& options = {}) {
    return connection_->CreateToken(request, options);
  }
  // Reads one page of tokens, without their secrets.
  absl::StatusOr<v1::ListTokensResponse> ListTokens(
      const v1::ListTokensRequest& request, const CallOptions& options = {}) {
    return connection_->ListTokens(request, options);
  }
  // Ends a token for good.
  absl::StatusOr<v1::RevokeTokenResponse> RevokeToken(
      const v1::RevokeTokenRequest& request, const CallOptions& options = {}) {
    return connection_->RevokeToken(request, options);
  }
  // Gives a principal a role in a subtree.
  absl::StatusOr<v1::AddGrantResponse> AddGrant(
      const v1::AddGrantRequest& request, const CallOptions& options = {}) {
    return connection_->AddGrant(request, options);
  }
  // Takes it back.
  absl::StatusOr<v1::RemoveGrantResponse> RemoveGrant(
      const v1::RemoveGrantRequest& request, const CallOptions& options = {}) {
    return connection_->RemoveGrant(request, options);
  }
  // Reads one page of grants.
  absl::StatusOr<v1::ListGrantsResponse> ListGrants(
      const v1::ListGrantsRequest& request, const CallOptions& options = {}) {
    return connection_->ListGrants(request, options);
  }
  // Reads one page of the changes of tokens and grants.
  absl::StatusOr<v1::ListAccessChangesResponse> ListAccessChanges(
      const v1::ListAccessChangesRequest& request, const CallOptions& options = {}) {
    return connection_->ListAccessChanges(request, options);
  }

 private:
  static void FillId(std::string* id) {
    if (id->empty()) *id = NewReservationId();
  }

  std::shared_ptr<Connection> connection_;
};

}  // namespace budget

#endif  // BUDGET_CLIENT_H_
