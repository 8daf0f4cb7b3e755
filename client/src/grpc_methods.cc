#include "grpc_connection.h"

// One line per RPC: which service, which method.
namespace budget {

absl::StatusOr<v1::ReserveResponse> GrpcConnection::Reserve(
    const v1::ReserveRequest& request, const CallOptions& options) {
  return Call(&Endpoint::budget, &v1::BudgetService::Stub::Reserve, request,
              options);
}

absl::StatusOr<v1::AdjustReservationResponse> GrpcConnection::AdjustReservation(
    const v1::AdjustReservationRequest& request, const CallOptions& options) {
  return Call(&Endpoint::budget, &v1::BudgetService::Stub::AdjustReservation, request,
              options);
}

absl::StatusOr<v1::SettleResponse> GrpcConnection::Settle(
    const v1::SettleRequest& request, const CallOptions& options) {
  return Call(&Endpoint::budget, &v1::BudgetService::Stub::Settle, request,
              options);
}

absl::StatusOr<v1::ReleaseResponse> GrpcConnection::Release(
    const v1::ReleaseRequest& request, const CallOptions& options) {
  return Call(&Endpoint::budget, &v1::BudgetService::Stub::Release, request,
              options);
}

absl::StatusOr<v1::RecordUsageResponse> GrpcConnection::RecordUsage(
    const v1::RecordUsageRequest& request, const CallOptions& options) {
  return Call(&Endpoint::budget, &v1::BudgetService::Stub::RecordUsage, request,
              options);
}

absl::StatusOr<v1::BatchResponse> GrpcConnection::Batch(
    const v1::BatchRequest& request, const CallOptions& options) {
  return Call(&Endpoint::budget, &v1::BudgetService::Stub::Batch, request,
              options);
}

absl::StatusOr<v1::QueryRemainingResponse> GrpcConnection::QueryRemaining(
    const v1::QueryRemainingRequest& request, const CallOptions& options) {
  return Call(&Endpoint::budget, &v1::BudgetService::Stub::QueryRemaining, request,
              options);
}

absl::StatusOr<v1::GetReservationResponse> GrpcConnection::GetReservation(
    const v1::GetReservationRequest& request, const CallOptions& options) {
  return Call(&Endpoint::budget, &v1::BudgetService::Stub::GetReservation, request,
              options);
}

absl::StatusOr<v1::ListReservationsResponse> GrpcConnection::ListReservations(
    const v1::ListReservationsRequest& request, const CallOptions& options) {
  return Call(&Endpoint::budget, &v1::BudgetService::Stub::ListReservations, request,
              options);
}

absl::StatusOr<v1::CreateAllocationResponse> GrpcConnection::CreateAllocation(
    const v1::CreateAllocationRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::CreateAllocation, request,
              options);
}

absl::StatusOr<v1::GetAllocationResponse> GrpcConnection::GetAllocation(
    const v1::GetAllocationRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::GetAllocation, request,
              options);
}

absl::StatusOr<v1::ListAllocationsResponse> GrpcConnection::ListAllocations(
    const v1::ListAllocationsRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::ListAllocations, request,
              options);
}

absl::StatusOr<v1::UpdateAllocationResponse> GrpcConnection::UpdateAllocation(
    const v1::UpdateAllocationRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::UpdateAllocation, request,
              options);
}

absl::StatusOr<v1::ArchiveAllocationResponse> GrpcConnection::ArchiveAllocation(
    const v1::ArchiveAllocationRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::ArchiveAllocation, request,
              options);
}

absl::StatusOr<v1::SetLimitResponse> GrpcConnection::SetLimit(
    const v1::SetLimitRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::SetLimit, request,
              options);
}

absl::StatusOr<v1::RemoveLimitResponse> GrpcConnection::RemoveLimit(
    const v1::RemoveLimitRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::RemoveLimit, request,
              options);
}

absl::StatusOr<v1::FreezeAllocationResponse> GrpcConnection::FreezeAllocation(
    const v1::FreezeAllocationRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::FreezeAllocation, request,
              options);
}

absl::StatusOr<v1::UnfreezeAllocationResponse> GrpcConnection::UnfreezeAllocation(
    const v1::UnfreezeAllocationRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::UnfreezeAllocation, request,
              options);
}

absl::StatusOr<v1::AdjustBalanceResponse> GrpcConnection::AdjustBalance(
    const v1::AdjustBalanceRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::AdjustBalance, request,
              options);
}

absl::StatusOr<v1::TransferCapResponse> GrpcConnection::TransferCap(
    const v1::TransferCapRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::TransferCap, request,
              options);
}

absl::StatusOr<v1::SetPricesResponse> GrpcConnection::SetPrices(
    const v1::SetPricesRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::SetPrices, request,
              options);
}

absl::StatusOr<v1::GetPricesResponse> GrpcConnection::GetPrices(
    const v1::GetPricesRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::GetPrices, request,
              options);
}

absl::StatusOr<v1::VerifyResponse> GrpcConnection::Verify(
    const v1::VerifyRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::Verify, request,
              options);
}

absl::StatusOr<v1::GetServerInfoResponse> GrpcConnection::GetServerInfo(
    const v1::GetServerInfoRequest& request, const CallOptions& options) {
  return Call(&Endpoint::admin, &v1::BudgetAdmin::Stub::GetServerInfo, request,
              options);
}

absl::StatusOr<v1::ListLedgerEntriesResponse> GrpcConnection::ListLedgerEntries(
    const v1::ListLedgerEntriesRequest& request, const CallOptions& options) {
  return Call(&Endpoint::ledger, &v1::LedgerService::Stub::ListLedgerEntries, request,
              options);
}

absl::StatusOr<v1::ListDenialsResponse> GrpcConnection::ListDenials(
    const v1::ListDenialsRequest& request, const CallOptions& options) {
  return Call(&Endpoint::ledger, &v1::LedgerService::Stub::ListDenials, request,
              options);
}

absl::StatusOr<v1::GetCheckpointResponse> GrpcConnection::GetCheckpoint(
    const v1::GetCheckpointRequest& request, const CallOptions& options) {
  return Call(&Endpoint::ledger, &v1::LedgerService::Stub::GetCheckpoint,
              request, options);
}

absl::StatusOr<v1::CreateTokenResponse> GrpcConnection::CreateToken(
    const v1::CreateTokenRequest& request, const CallOptions& options) {
  RetryPolicy once = options_.retry;
  once.attempts_max = 1;
  return Call(once, &Endpoint::access, &v1::AccessService::Stub::CreateToken,
              request, options);
}

absl::StatusOr<v1::ListTokensResponse> GrpcConnection::ListTokens(
    const v1::ListTokensRequest& request, const CallOptions& options) {
  return Call(&Endpoint::access, &v1::AccessService::Stub::ListTokens,
              request, options);
}

absl::StatusOr<v1::RevokeTokenResponse> GrpcConnection::RevokeToken(
    const v1::RevokeTokenRequest& request, const CallOptions& options) {
  return Call(&Endpoint::access, &v1::AccessService::Stub::RevokeToken,
              request, options);
}

absl::StatusOr<v1::AddGrantResponse> GrpcConnection::AddGrant(
    const v1::AddGrantRequest& request, const CallOptions& options) {
  return Call(&Endpoint::access, &v1::AccessService::Stub::AddGrant,
              request, options);
}

absl::StatusOr<v1::RemoveGrantResponse> GrpcConnection::RemoveGrant(
    const v1::RemoveGrantRequest& request, const CallOptions& options) {
  return Call(&Endpoint::access, &v1::AccessService::Stub::RemoveGrant,
              request, options);
}

absl::StatusOr<v1::ListGrantsResponse> GrpcConnection::ListGrants(
    const v1::ListGrantsRequest& request, const CallOptions& options) {
  return Call(&Endpoint::access, &v1::AccessService::Stub::ListGrants,
              request, options);
}

absl::StatusOr<v1::ListAccessChangesResponse> GrpcConnection::ListAccessChanges(
    const v1::ListAccessChangesRequest& request, const CallOptions& options) {
  return Call(&Endpoint::access, &v1::AccessService::Stub::ListAccessChanges,
              request, options);
}

}  // namespace budget
