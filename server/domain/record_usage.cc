#include <utility>

#include "server/domain/admission.h"
#include "server/domain/handlers.h"
#include "server/domain/new_reservation.h"
#include "server/domain/pricing.h"
#include "server/domain/settlement.h"

namespace budget {
namespace {

// What was used, with defaults, price and policy applied. Usage has happened:
// a policy that denies calls of unknown cost can only count 0 USD for it.
Amounts ActualOf(const ReservePayload& payload, const Cost& cost,
                 Books& books) {
  Amounts actual;
  actual[Unit::kTokens] = payload.amounts[Unit::kTokens].value_or(0);
  actual[Unit::kRequests] = payload.amounts[Unit::kRequests].value_or(1);
  actual[Unit::kUsdNanos] = cost.usd_nanos.value_or(0);
  if (cost.unknown) {
    actual[Unit::kUsdNanos] =
        UnpricedRuleOf(payload.allocations, books.catalog()).charge_usd_nanos;
  }
  return actual;
}

// Usage is kept in the form of a reservation that was settled at once.
Reservation SettledAtOnce(const RecordUsage& op, const Targets& targets,
                          Books& books) {
  const ReservePayload& payload = *op.payload;
  const Cost cost =
      CostOf(payload.amounts[Unit::kUsdNanos], payload.usd_unknown,
             payload.usage, books.set().root.price_version, books.set());
  return {.terms = NewTerms(op, targets, books),
          .pins = targets.pins,
          .state = ReservationState::kSettled,
          .reported = ActualOf(payload, cost, books),
          .usage_final = true,
          .unpriced = cost.unknown,
          .expires_at = books.now(),
          .ended_at = books.now()};
}

}  // namespace

Outcome Run(const RecordUsage& op, Books& books) {
  const auto known = books.set().reservations.find(op.id);
  if (known != books.set().reservations.end()) {
    return Replay(*op.payload, op.caller, known->second.reservation, books);
  }
  if (auto refusal = CheckIdAge(op.id, books)) return {.refusal = refusal};
  const Targets& targets = books.TargetsOf(op.payload->allocations);
  if (targets.missing) return {.refusal = targets.missing};
  Reservation usage = SettledAtOnce(op, targets, books);
  LedgerEntry entry = EntryFor(EntryKind::kRecordUsage, usage);
  entry.actor = usage.terms->owner;
  RecordUsageDeltas(usage.reported, usage, books, entry);
  entry.unpriced = usage.unpriced ? 1 : 0;
  if (auto refusal = CheckOverflow(entry, books)) return {.refusal = refusal};
  return Keep(std::move(usage), std::move(entry), books);
}

}  // namespace budget
