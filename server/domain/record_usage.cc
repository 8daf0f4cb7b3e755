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
Amounts ActualOf(const RecordUsage& op, const Cost& cost, Books& books) {
  const ReservePayload& payload = op.payload;
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
  Reservation usage = NewReservation(op.id, op.payload, targets, books);
  usage.price_version = books.set().root.price_version;
  const Cost cost =
      CostOf(op.payload.amounts[Unit::kUsdNanos], op.payload.usd_unknown,
             op.payload.usage, usage.price_version, books.set());
  usage.reported = ActualOf(op, cost, books);
  usage.unpriced = cost.unknown;
  usage.state = ReservationState::kSettled;
  usage.usage_final = true;
  usage.ended_at = books.now();
  return usage;
}

}  // namespace

Outcome Run(const RecordUsage& op, Books& books) {
  const auto known = books.set().reservations.find(op.id);
  if (known != books.set().reservations.end()) {
    return Replay(op.payload, known->second.reservation, books);
  }
  if (auto refusal = CheckIdAge(op.id, books)) return {.refusal = refusal};
  std::optional<Refusal> refusal;
  const std::optional<Targets> targets =
      Resolve(op.payload.allocations, books, refusal);
  if (!targets) return {.refusal = refusal};
  Reservation usage = SettledAtOnce(op, *targets, books);
  LedgerEntry entry = EntryFor(EntryKind::kRecordUsage, usage);
  RecordUsageDeltas(usage.reported, usage, books, entry);
  entry.unpriced = usage.unpriced ? 1 : 0;
  if ((refusal = CheckOverflow(entry, books))) return {.refusal = refusal};
  return Keep(std::move(usage), std::move(entry), books);
}

}  // namespace budget
