#ifndef BUDGET_MOCKS_MOCK_CONNECTION_H_
#define BUDGET_MOCKS_MOCK_CONNECTION_H_

#include <gmock/gmock.h>

#include "budget/connection.h"

namespace budget {

// For tests of code that takes a Client: needs GoogleMock, no server.
class MockConnection : public Connection {
 public:
  MOCK_METHOD(absl::Status, Watch,
              (const v1::WatchRemainingRequest& request,
               const CallOptions& options,
               absl::FunctionRef<bool(const v1::QueryRemainingResponse&)>
                   on_update,
               std::stop_token stop),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::ReserveResponse>, Reserve,
              (const v1::ReserveRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::AdjustReservationResponse>, AdjustReservation,
              (const v1::AdjustReservationRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::SettleResponse>, Settle,
              (const v1::SettleRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::ReleaseResponse>, Release,
              (const v1::ReleaseRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::RecordUsageResponse>, RecordUsage,
              (const v1::RecordUsageRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::BatchResponse>, Batch,
              (const v1::BatchRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::QueryRemainingResponse>, QueryRemaining,
              (const v1::QueryRemainingRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::GetReservationResponse>, GetReservation,
              (const v1::GetReservationRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::ListReservationsResponse>, ListReservations,
              (const v1::ListReservationsRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::CreateAllocationResponse>, CreateAllocation,
              (const v1::CreateAllocationRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::GetAllocationResponse>, GetAllocation,
              (const v1::GetAllocationRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::ListAllocationsResponse>, ListAllocations,
              (const v1::ListAllocationsRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::UpdateAllocationResponse>, UpdateAllocation,
              (const v1::UpdateAllocationRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::ArchiveAllocationResponse>, ArchiveAllocation,
              (const v1::ArchiveAllocationRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::SetLimitResponse>, SetLimit,
              (const v1::SetLimitRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::RemoveLimitResponse>, RemoveLimit,
              (const v1::RemoveLimitRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::FreezeAllocationResponse>, FreezeAllocation,
              (const v1::FreezeAllocationRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::UnfreezeAllocationResponse>, UnfreezeAllocation,
              (const v1::UnfreezeAllocationRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::AdjustBalanceResponse>, AdjustBalance,
              (const v1::AdjustBalanceRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::TransferCapResponse>, TransferCap,
              (const v1::TransferCapRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::SetPricesResponse>, SetPrices,
              (const v1::SetPricesRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::GetPricesResponse>, GetPrices,
              (const v1::GetPricesRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::VerifyResponse>, Verify,
              (const v1::VerifyRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::GetServerInfoResponse>, GetServerInfo,
              (const v1::GetServerInfoRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::ListLedgerEntriesResponse>, ListLedgerEntries,
              (const v1::ListLedgerEntriesRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::ListDenialsResponse>, ListDenials,
              (const v1::ListDenialsRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::GetCheckpointResponse>, GetCheckpoint,
              (const v1::GetCheckpointRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::CreateTokenResponse>, CreateToken,
              (const v1::CreateTokenRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::ListTokensResponse>, ListTokens,
              (const v1::ListTokensRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::RevokeTokenResponse>, RevokeToken,
              (const v1::RevokeTokenRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::AddGrantResponse>, AddGrant,
              (const v1::AddGrantRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::RemoveGrantResponse>, RemoveGrant,
              (const v1::RemoveGrantRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::ListGrantsResponse>, ListGrants,
              (const v1::ListGrantsRequest& request,
               const CallOptions& options),
              (override));
  MOCK_METHOD(absl::StatusOr<v1::ListAccessChangesResponse>, ListAccessChanges,
              (const v1::ListAccessChangesRequest& request,
               const CallOptions& options),
              (override));
};

}  // namespace budget

#endif  // BUDGET_MOCKS_MOCK_CONNECTION_H_
