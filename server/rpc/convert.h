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

// From the domain's words to the contract's, written into a fresh message.
// Names come from the catalog; what it lacks stays empty. Pure; thread-safe.

void ToProto(const Amounts& amounts, v1::Amounts& out);
void ToProto(const Amounts& amounts, v1::AmountDeltas& out);
v1::Unit ToProto(Unit unit);
void ToProto(const Window& window, v1::Window& out);
void ToProto(const LimitSpec& limit, v1::Limit& out);
void ToProto(const Policies& policies, v1::Policies& out);
void ToProto(const Pin& pin, const Catalog& catalog, v1::LimitWindow& out);
void ToProto(const LimitReading& reading, const Catalog& catalog,
             v1::LimitStatus& out);
void ToProto(const Crossing& crossing, const Catalog& catalog,
             v1::ThresholdCrossing& out);
void ToProto(const Reservation& reservation, const Catalog& catalog,
             v1::Reservation& out);
void ToProto(const Allocation& allocation,
             const std::vector<const Limit*>& limits, v1::Allocation& out);
void ToProto(const LedgerEntry& entry, absl::string_view root,
             const Catalog& catalog, v1::LedgerEntry& out);
void ToProto(const DenialCount& count, v1::DenialCount& out);
void ToProto(const ModelPrice& price, v1::ModelPrice& out);
void ToProto(const VerifyReport& report, v1::VerifyResponse& out);

// Shows an open reservation whose TTL has passed at `now` as it will be once
// it is swept.
void ShowExpired(absl::Time now, Reservation& reservation);

}  // namespace budget

#endif  // BUDGET_RPC_CONVERT_H_
