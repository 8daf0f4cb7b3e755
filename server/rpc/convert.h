#ifndef BUDGET_RPC_CONVERT_H_
#define BUDGET_RPC_CONVERT_H_

#include <vector>

#include "absl/time/time.h"
#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/budget_service.pb.h"
#include "budget/v1/ledger_service.pb.h"
#include "budget/v1/types.pb.h"
#include "server/domain/catalog.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/ledger_fold.h"
#include "server/domain/outcome.h"
#include "server/domain/prices.h"
#include "server/domain/store.h"

namespace budget {

// From the domain's words to the contract's. Names come from the catalog; what
// it lacks stays empty. Pure; thread-safe.

v1::Amounts ToProto(const Amounts& amounts);
v1::AmountDeltas ToDeltas(const Amounts& amounts);
v1::Unit ToProto(Unit unit);
v1::Window ToProto(const Window& window);
v1::Limit ToProto(const LimitSpec& limit);
v1::Policies ToProto(const Policies& policies);
v1::LimitWindow ToProto(const Pin& pin, const Catalog& catalog);
v1::LimitStatus ToProto(const LimitReading& reading, const Catalog& catalog);
v1::ThresholdCrossing ToProto(const Crossing& crossing, const Catalog& catalog);
v1::Reservation ToProto(const Reservation& reservation, const Catalog& catalog);
v1::Allocation ToProto(const Allocation& allocation,
                       const std::vector<const Limit*>& limits);
v1::LedgerEntry ToProto(const LedgerEntry& entry, absl::string_view root,
                        const Catalog& catalog);
v1::DenialCount ToProto(const DenialCount& count);
v1::ModelPrice ToProto(const ModelPrice& price);
v1::VerifyResponse ToProto(const VerifyReport& report);

// Shows an open reservation whose TTL has passed at `now` as it will be once
// it is swept.
void ShowExpired(absl::Time now, Reservation& reservation);

}  // namespace budget

#endif  // BUDGET_RPC_CONVERT_H_
