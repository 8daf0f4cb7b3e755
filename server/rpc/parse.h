#ifndef BUDGET_RPC_PARSE_H_
#define BUDGET_RPC_PARSE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/budget_service.pb.h"
#include "server/domain/operation.h"

namespace budget {

// All syntax checks: one function for each request that changes something.
// The status is a FieldError that names the field and says what to change.
// Pure; thread-safe.

inline constexpr int kBatchOperationsMax = 1000;

absl::StatusOr<Operation> Parse(const v1::ReserveRequest& request);
absl::StatusOr<Operation> Parse(const v1::AdjustReservationRequest& request);
absl::StatusOr<Operation> Parse(const v1::SettleRequest& request);
absl::StatusOr<Operation> Parse(const v1::ReleaseRequest& request);
absl::StatusOr<Operation> Parse(const v1::RecordUsageRequest& request);

// One operation of a batch; fields are named as within the batch.
absl::StatusOr<Operation> Parse(const v1::BatchOperation& operation, int index);

// Whether the batch as a whole can be run.
absl::Status CheckBatch(const v1::BatchRequest& request);

// `actor` is who makes the change, for the ledger.
absl::StatusOr<Operation> Parse(const v1::CreateAllocationRequest& request,
                                absl::string_view actor);
absl::StatusOr<Operation> Parse(const v1::UpdateAllocationRequest& request,
                                absl::string_view actor);
absl::StatusOr<Operation> Parse(const v1::ArchiveAllocationRequest& request,
                                absl::string_view actor);
absl::StatusOr<Operation> Parse(const v1::SetLimitRequest& request,
                                absl::string_view actor);
absl::StatusOr<Operation> Parse(const v1::RemoveLimitRequest& request,
                                absl::string_view actor);
absl::StatusOr<Operation> Parse(const v1::FreezeAllocationRequest& request,
                                absl::string_view actor);
absl::StatusOr<Operation> Parse(const v1::UnfreezeAllocationRequest& request,
                                absl::string_view actor);
absl::StatusOr<Operation> Parse(const v1::AdjustBalanceRequest& request,
                                absl::string_view actor);
absl::StatusOr<Operation> Parse(const v1::TransferCapRequest& request,
                                absl::string_view actor);
absl::StatusOr<Operation> Parse(const v1::SetPricesRequest& request,
                                absl::string_view actor);

}  // namespace budget

#endif  // BUDGET_RPC_PARSE_H_
