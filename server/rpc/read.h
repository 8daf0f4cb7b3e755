#ifndef BUDGET_RPC_READ_H_
#define BUDGET_RPC_READ_H_

#include <optional>

#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/budget_service.pb.h"
#include "budget/v1/ledger_service.pb.h"
#include "server/domain/outcome.h"
#include "server/domain/store.h"
#include "server/rpc/guard.h"

namespace budget {

// The reads: check the request, ask the store, write the answer, without what
// the caller is not to see. They block on the database. Each returns why it
// could not answer, or nullopt. What the table of rights says of a path in the
// request has been checked before. Thread-safe.

std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::QueryRemainingRequest& request,
                            v1::QueryRemainingResponse& out);
std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::GetReservationRequest& request,
                            v1::GetReservationResponse& out);
std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::ListReservationsRequest& request,
                            v1::ListReservationsResponse& out);
std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::GetAllocationRequest& request,
                            v1::GetAllocationResponse& out);
std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::ListAllocationsRequest& request,
                            v1::ListAllocationsResponse& out);
std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::GetPricesRequest& request,
                            v1::GetPricesResponse& out);
std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::VerifyRequest& request,
                            v1::VerifyResponse& out);
// Fills the database's time only.
std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::GetServerInfoRequest& request,
                            v1::GetServerInfoResponse& out);
std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::ListLedgerEntriesRequest& request,
                            v1::ListLedgerEntriesResponse& out);
std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::ListDenialsRequest& request,
                            v1::ListDenialsResponse& out);
std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::GetCheckpointRequest& request,
                            v1::GetCheckpointResponse& out);

}  // namespace budget

#endif  // BUDGET_RPC_READ_H_
