#ifndef BUDGET_SRC_GRPC_CONNECTION_H_
#define BUDGET_SRC_GRPC_CONNECTION_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <vector>

#include "absl/time/time.h"
#include "budget/connection.h"
#include "budget/v1/access_service.grpc.pb.h"
#include "budget/v1/budget_admin.grpc.pb.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "budget/v1/ledger_service.grpc.pb.h"

namespace budget {

// The wire form of an error as a status with the details as payloads. Not for
// calls that the caller cancelled: CANCELLED becomes UNAVAILABLE.
absl::Status StatusFrom(const grpc::Status& status);

// Whether an answer was worth its call. A Batch whose operations were turned
// away, by a replica that drains or has too much to do, is as good as refused;
// but not where anything of it was done, or may have been.
absl::Status StatusOf(const v1::BatchResponse& answer);
template <typename Response>
absl::Status StatusOf(const Response&) {
  return absl::OkStatus();
}

// Speaks gRPC to one of several endpoints, the one that worked last.
class GrpcConnection : public Connection {
 public:
  // One channel for each endpoint.
  GrpcConnection(ConnectionOptions options,
                 const std::vector<std::shared_ptr<grpc::Channel>>& channels);

  absl::Status Watch(
      const v1::WatchRemainingRequest& request, const CallOptions& options,
      absl::FunctionRef<bool(const v1::QueryRemainingResponse&)> on_update,
      std::stop_token stop) override;
  absl::StatusOr<v1::ReserveResponse> Reserve(
      const v1::ReserveRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::AdjustReservationResponse> AdjustReservation(
      const v1::AdjustReservationRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::SettleResponse> Settle(
      const v1::SettleRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::ReleaseResponse> Release(
      const v1::ReleaseRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::RecordUsageResponse> RecordUsage(
      const v1::RecordUsageRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::BatchResponse> Batch(
      const v1::BatchRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::QueryRemainingResponse> QueryRemaining(
      const v1::QueryRemainingRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::GetReservationResponse> GetReservation(
      const v1::GetReservationRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::ListReservationsResponse> ListReservations(
      const v1::ListReservationsRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::CreateAllocationResponse> CreateAllocation(
      const v1::CreateAllocationRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::GetAllocationResponse> GetAllocation(
      const v1::GetAllocationRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::ListAllocationsResponse> ListAllocations(
      const v1::ListAllocationsRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::UpdateAllocationResponse> UpdateAllocation(
      const v1::UpdateAllocationRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::ArchiveAllocationResponse> ArchiveAllocation(
      const v1::ArchiveAllocationRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::SetLimitResponse> SetLimit(
      const v1::SetLimitRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::RemoveLimitResponse> RemoveLimit(
      const v1::RemoveLimitRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::FreezeAllocationResponse> FreezeAllocation(
      const v1::FreezeAllocationRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::UnfreezeAllocationResponse> UnfreezeAllocation(
      const v1::UnfreezeAllocationRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::AdjustBalanceResponse> AdjustBalance(
      const v1::AdjustBalanceRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::TransferCapResponse> TransferCap(
      const v1::TransferCapRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::SetPricesResponse> SetPrices(
      const v1::SetPricesRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::GetPricesResponse> GetPrices(
      const v1::GetPricesRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::VerifyResponse> Verify(
      const v1::VerifyRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::GetServerInfoResponse> GetServerInfo(
      const v1::GetServerInfoRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::ListLedgerEntriesResponse> ListLedgerEntries(
      const v1::ListLedgerEntriesRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::ListDenialsResponse> ListDenials(
      const v1::ListDenialsRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(
      const v1::GetCheckpointRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::CreateTokenResponse> CreateToken(
      const v1::CreateTokenRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::ListTokensResponse> ListTokens(
      const v1::ListTokensRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::RevokeTokenResponse> RevokeToken(
      const v1::RevokeTokenRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::AddGrantResponse> AddGrant(
      const v1::AddGrantRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::RemoveGrantResponse> RemoveGrant(
      const v1::RemoveGrantRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::ListGrantsResponse> ListGrants(
      const v1::ListGrantsRequest& request,
      const CallOptions& options) override;
  absl::StatusOr<v1::ListAccessChangesResponse> ListAccessChanges(
      const v1::ListAccessChangesRequest& request,
      const CallOptions& options) override;

 private:
  struct Endpoint {
    std::unique_ptr<v1::BudgetService::Stub> budget;
    std::unique_ptr<v1::BudgetAdmin::Stub> admin;
    std::unique_ptr<v1::LedgerService::Stub> ledger;
    std::unique_ptr<v1::AccessService::Stub> access;
  };

  // Runs one unary RPC with retries, each attempt on the current endpoint.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      std::unique_ptr<Stub> Endpoint::*service,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request, const CallOptions& options) {
    return Call(options_.retry, service, method, request, options);
  }

  // The same by another policy.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      const RetryPolicy& retry, std::unique_ptr<Stub> Endpoint::*service,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request, const CallOptions& options) {
    Response response;
    const absl::Status status = RunWithRetries(
        retry, retry.Now() + options.timeout, EndpointCount(),
        [&](absl::Time deadline) {
          const size_t at = current_.load(std::memory_order_relaxed);
          grpc::ClientContext context;
          context.set_deadline(absl::ToChronoTime(deadline));
          response.Clear();
          absl::Status answer =
              StatusFrom(((*(endpoints_[at].*service)).*method)(
                  &context, request, &response));
          if (answer.ok()) answer = StatusOf(response);
          if (absl::IsUnavailable(answer)) LeaveEndpoint(at);
          return answer;
        });
    if (!status.ok()) return status;
    return response;
  }

  // One stream on the current endpoint. OK: `on_update` wants no more.
  absl::Status WatchOnce(
      const v1::WatchRemainingRequest& request, const std::stop_token& stop,
      absl::FunctionRef<bool(const v1::QueryRemainingResponse&)> on_update);

  int EndpointCount() const { return static_cast<int>(endpoints_.size()); }
  // Moves on from `at`, unless another call has done so already.
  void LeaveEndpoint(size_t at);

  const ConnectionOptions options_;
  std::vector<Endpoint> endpoints_;
  std::atomic<size_t> current_;
};

}  // namespace budget

#endif  // BUDGET_SRC_GRPC_CONNECTION_H_
