#ifndef BUDGET_RPC_METHODS_H_
#define BUDGET_RPC_METHODS_H_

#include "budget/v1/access_service.pb.h"
#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/budget_service.pb.h"
#include "budget/v1/ledger_service.pb.h"
#include "server/access/rights.h"

namespace budget {

// The method that a request is of: what every call is let in by. A request that
// is not here cannot be answered, for its handler does not compile.
template <typename Request>
struct MethodOf;

#define BUDGET_METHOD(name)                        \
  template <>                                      \
  struct MethodOf<v1::name##Request> {             \
    static constexpr Method value = Method::k##name; \
  }

BUDGET_METHOD(Reserve);
BUDGET_METHOD(AdjustReservation);
BUDGET_METHOD(Settle);
BUDGET_METHOD(Release);
BUDGET_METHOD(RecordUsage);
BUDGET_METHOD(Batch);
BUDGET_METHOD(QueryRemaining);
BUDGET_METHOD(WatchRemaining);
BUDGET_METHOD(GetReservation);
BUDGET_METHOD(ListReservations);
BUDGET_METHOD(CreateAllocation);
BUDGET_METHOD(GetAllocation);
BUDGET_METHOD(ListAllocations);
BUDGET_METHOD(UpdateAllocation);
BUDGET_METHOD(ArchiveAllocation);
BUDGET_METHOD(SetLimit);
BUDGET_METHOD(RemoveLimit);
BUDGET_METHOD(FreezeAllocation);
BUDGET_METHOD(UnfreezeAllocation);
BUDGET_METHOD(AdjustBalance);
BUDGET_METHOD(TransferCap);
BUDGET_METHOD(SetPrices);
BUDGET_METHOD(GetPrices);
BUDGET_METHOD(Verify);
BUDGET_METHOD(GetServerInfo);
BUDGET_METHOD(ListLedgerEntries);
BUDGET_METHOD(ListDenials);
BUDGET_METHOD(GetCheckpoint);
BUDGET_METHOD(CreateToken);
BUDGET_METHOD(ListTokens);
BUDGET_METHOD(RevokeToken);
BUDGET_METHOD(AddGrant);
BUDGET_METHOD(RemoveGrant);
BUDGET_METHOD(ListGrants);
BUDGET_METHOD(ListAccessChanges);

#undef BUDGET_METHOD

}  // namespace budget

#endif  // BUDGET_RPC_METHODS_H_
