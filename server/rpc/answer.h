#ifndef BUDGET_RPC_ANSWER_H_
#define BUDGET_RPC_ANSWER_H_

#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/budget_service.pb.h"
#include "server/lane/dispatcher.h"

namespace budget {

// Writes the answer of an operation that succeeded. Pure; thread-safe.

void Fill(const OperationResult& result, v1::ReserveResponse& out);
void Fill(const OperationResult& result, v1::AdjustReservationResponse& out);
void Fill(const OperationResult& result, v1::SettleResponse& out);
void Fill(const OperationResult& result, v1::ReleaseResponse& out);
void Fill(const OperationResult& result, v1::RecordUsageResponse& out);

void Fill(const OperationResult& result, v1::CreateAllocationResponse& out);
void Fill(const OperationResult& result, v1::UpdateAllocationResponse& out);
void Fill(const OperationResult& result, v1::ArchiveAllocationResponse& out);
void Fill(const OperationResult& result, v1::SetLimitResponse& out);
void Fill(const OperationResult& result, v1::RemoveLimitResponse& out);
void Fill(const OperationResult& result, v1::FreezeAllocationResponse& out);
void Fill(const OperationResult& result, v1::UnfreezeAllocationResponse& out);
void Fill(const OperationResult& result, v1::AdjustBalanceResponse& out);
void Fill(const OperationResult& result, v1::TransferCapResponse& out);
void Fill(const OperationResult& result, v1::SetPricesResponse& out);

// The result, good or bad, of one operation of a batch.
void Fill(const OperationResult& result, const v1::BatchOperation& operation,
          v1::BatchResult& out);

}  // namespace budget

#endif  // BUDGET_RPC_ANSWER_H_
