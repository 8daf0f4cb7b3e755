#include "server/rpc/answer.h"

#include <vector>

#include "server/rpc/convert.h"
#include "server/rpc/error.h"
#include "server/rpc/time.h"

namespace budget {
namespace {

const Catalog& CatalogOf(const OperationResult& result) {
  static const Catalog& none = *new Catalog;
  return result.set == nullptr ? none : result.set->catalog;
}

template <typename Response>
void FillLimits(const OperationResult& result, Response& out) {
  for (const LimitReading& reading : result.outcome.limits) {
    ToProto(reading, CatalogOf(result), *out.add_limits());
  }
  ToProto(result.read_time, *out.mutable_read_time());
}

template <typename Response>
void FillReservation(const OperationResult& result, Response& out) {
  if (result.outcome.reservation) {
    ToProto(*result.outcome.reservation, CatalogOf(result),
            *out.mutable_reservation());
  }
  out.set_ledger_sequence(result.outcome.ledger_sequence);
  FillLimits(result, out);
}

template <typename Response>
void FillCrossings(const OperationResult& result, Response& out) {
  for (const Crossing& crossing : result.outcome.crossed) {
    ToProto(crossing, CatalogOf(result), *out.add_thresholds_crossed());
  }
}

// Leaves `out` empty where there is no such allocation.
void FillAllocation(const OperationResult& result, size_t index,
                    v1::Allocation& out) {
  if (index >= result.outcome.allocations.size()) return;
  const Outcome::AllocationView& view = result.outcome.allocations[index];
  std::vector<const Limit*> limits;
  for (const Limit& limit : view.limits) limits.push_back(&limit);
  ToProto(view.allocation, limits, out);
}

}  // namespace

void Fill(const OperationResult& result, v1::ReserveResponse& out) {
  FillReservation(result, out);
  FillCrossings(result, out);
  out.set_replayed(result.outcome.replayed);
}

void Fill(const OperationResult& result, v1::AdjustReservationResponse& out) {
  FillReservation(result, out);
  FillCrossings(result, out);
}

void Fill(const OperationResult& result, v1::SettleResponse& out) {
  FillReservation(result, out);
  FillCrossings(result, out);
}

void Fill(const OperationResult& result, v1::ReleaseResponse& out) {
  FillReservation(result, out);
}

void Fill(const OperationResult& result, v1::RecordUsageResponse& out) {
  FillReservation(result, out);
  FillCrossings(result, out);
  out.set_replayed(result.outcome.replayed);
}

void Fill(const OperationResult& result, v1::CreateAllocationResponse& out) {
  FillAllocation(result, 0, *out.mutable_allocation());
}

void Fill(const OperationResult& result, v1::UpdateAllocationResponse& out) {
  FillAllocation(result, 0, *out.mutable_allocation());
}

void Fill(const OperationResult& result, v1::ArchiveAllocationResponse& out) {
  FillAllocation(result, 0, *out.mutable_allocation());
}

void Fill(const OperationResult& result, v1::SetLimitResponse& out) {
  FillAllocation(result, 0, *out.mutable_allocation());
  if (!result.outcome.limits.empty()) {
    ToProto(result.outcome.limits[0], CatalogOf(result), *out.mutable_status());
  }
  ToProto(result.read_time, *out.mutable_read_time());
}

void Fill(const OperationResult& result, v1::RemoveLimitResponse& out) {
  FillAllocation(result, 0, *out.mutable_allocation());
}

void Fill(const OperationResult& result, v1::FreezeAllocationResponse& out) {
  FillAllocation(result, 0, *out.mutable_allocation());
}

void Fill(const OperationResult& result, v1::UnfreezeAllocationResponse& out) {
  FillAllocation(result, 0, *out.mutable_allocation());
}

void Fill(const OperationResult& result, v1::AdjustBalanceResponse& out) {
  FillLimits(result, out);
}

void Fill(const OperationResult& result, v1::TransferCapResponse& out) {
  FillAllocation(result, 0, *out.mutable_from());
  FillAllocation(result, 1, *out.mutable_to());
}

void Fill(const OperationResult& result, v1::SetPricesResponse& out) {
  out.set_version(result.outcome.price_version);
}

void Fill(const OperationResult& result, const v1::BatchOperation& operation,
          v1::BatchResult& out) {
  if (!result.outcome.ok()) {
    *out.mutable_error() = ErrorOf(result);
    return;
  }
  switch (operation.operation_case()) {
    case v1::BatchOperation::kReserve:
      return Fill(result, *out.mutable_reserve());
    case v1::BatchOperation::kAdjustReservation:
      return Fill(result, *out.mutable_adjust_reservation());
    case v1::BatchOperation::kSettle:
      return Fill(result, *out.mutable_settle());
    case v1::BatchOperation::kRelease:
      return Fill(result, *out.mutable_release());
    case v1::BatchOperation::kRecordUsage:
      return Fill(result, *out.mutable_record_usage());
    case v1::BatchOperation::OPERATION_NOT_SET:
      return;
  }
}

}  // namespace budget
