#ifndef BUDGET_CONNECTION_H_
#define BUDGET_CONNECTION_H_

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "budget/retry.h"
#include "budget/security.h"
#include "budget/v1/access_service.pb.h"
#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/budget_service.pb.h"
#include "budget/v1/ledger_service.pb.h"

namespace budget {

// How one call is made.
struct CallOptions {
  // The whole time the call may take, retries and waits included.
  absl::Duration timeout = absl::Seconds(2);
};

// One method per RPC, sent as it is: retries, deadlines and the choice of an
// endpoint are here, ids and conveniences are in Client. Implementations are
// safe from any thread. Errors are those of the service, with google.rpc
// details as payloads (denial.h reads them).
class Connection {
 public:
  virtual ~Connection() = default;

  // Answers each message of the stream to `on_update` until that returns
  // false (OK), `stop` is requested (CANCELLED), or an error that is not
  // UNAVAILABLE. Reconnects meanwhile; UNAVAILABLE only after
  // `options.timeout` without any message.
  virtual absl::Status Watch(
      const v1::WatchRemainingRequest& request, const CallOptions& options,
      absl::FunctionRef<bool(const v1::QueryRemainingResponse&)> on_update,
      std::stop_token stop) = 0;

  virtual absl::StatusOr<v1::ReserveResponse> Reserve(
      const v1::ReserveRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::AdjustReservationResponse> AdjustReservation(
      const v1::AdjustReservationRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::SettleResponse> Settle(
      const v1::SettleRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ReleaseResponse> Release(
      const v1::ReleaseRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::RecordUsageResponse> RecordUsage(
      const v1::RecordUsageRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::BatchResponse> Batch(
      const v1::BatchRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::QueryRemainingResponse> QueryRemaining(
      const v1::QueryRemainingRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::GetReservationResponse> GetReservation(
      const v1::GetReservationRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ListReservationsResponse> ListReservations(
      const v1::ListReservationsRequest& request, const CallOptions& options) = 0;

  virtual absl::StatusOr<v1::CreateAllocationResponse> CreateAllocation(
      const v1::CreateAllocationRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::GetAllocationResponse> GetAllocation(
      const v1::GetAllocationRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ListAllocationsResponse> ListAllocations(
      const v1::ListAllocationsRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::UpdateAllocationResponse> UpdateAllocation(
      const v1::UpdateAllocationRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ArchiveAllocationResponse> ArchiveAllocation(
      const v1::ArchiveAllocationRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::SetLimitResponse> SetLimit(
      const v1::SetLimitRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::RemoveLimitResponse> RemoveLimit(
      const v1::RemoveLimitRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::FreezeAllocationResponse> FreezeAllocation(
      const v1::FreezeAllocationRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::UnfreezeAllocationResponse> UnfreezeAllocation(
      const v1::UnfreezeAllocationRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::AdjustBalanceResponse> AdjustBalance(
      const v1::AdjustBalanceRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::TransferCapResponse> TransferCap(
      const v1::TransferCapRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::SetPricesResponse> SetPrices(
      const v1::SetPricesRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::GetPricesResponse> GetPrices(
      const v1::GetPricesRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::VerifyResponse> Verify(
      const v1::VerifyRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::GetServerInfoResponse> GetServerInfo(
      const v1::GetServerInfoRequest& request, const CallOptions& options) = 0;

  virtual absl::StatusOr<v1::ListLedgerEntriesResponse> ListLedgerEntries(
      const v1::ListLedgerEntriesRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ListDenialsResponse> ListDenials(
      const v1::ListDenialsRequest& request, const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(
      const v1::GetCheckpointRequest& request, const CallOptions& options) = 0;

  // Tried once: an answer that is lost may leave a token nobody has seen.
  virtual absl::StatusOr<v1::CreateTokenResponse> CreateToken(
      const v1::CreateTokenRequest& request,
      const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ListTokensResponse> ListTokens(
      const v1::ListTokensRequest& request,
      const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::RevokeTokenResponse> RevokeToken(
      const v1::RevokeTokenRequest& request,
      const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::AddGrantResponse> AddGrant(
      const v1::AddGrantRequest& request,
      const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::RemoveGrantResponse> RemoveGrant(
      const v1::RemoveGrantRequest& request,
      const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ListGrantsResponse> ListGrants(
      const v1::ListGrantsRequest& request,
      const CallOptions& options) = 0;
  virtual absl::StatusOr<v1::ListAccessChangesResponse> ListAccessChanges(
      const v1::ListAccessChangesRequest& request,
      const CallOptions& options) = 0;
};

// How the endpoints are reached.
struct ConnectionOptions {
  // "host:port" each, at least one. A call begins with the endpoint that
  // worked last (at first: each connection of a process begins one further)
  // and moves to the next on UNAVAILABLE.
  std::vector<std::string> endpoints;
  Security security;
  RetryPolicy retry;
  absl::Duration keepalive_time = absl::Seconds(30);
  absl::Duration keepalive_timeout = absl::Seconds(5);
  // How long an endpoint may take to accept a connection.
  absl::Duration connect_timeout = absl::Seconds(1);
};

// "a:1, b:2" as endpoints; blanks and empty parts are dropped.
std::vector<std::string> ParseEndpoints(absl::string_view comma_list);

// Connects lazily: an endpoint that is down shows in the first call.
// INVALID_ARGUMENT if no endpoint is given, and what ChannelOpener answers.
absl::StatusOr<std::shared_ptr<Connection>> MakeConnection(
    ConnectionOptions options);

}  // namespace budget

#endif  // BUDGET_CONNECTION_H_
