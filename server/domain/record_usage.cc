#include <utility>

#include "server/domain/admission.h"
#include "server/domain/handlers.h"
#include "server/domain/pricing.h"
#include "server/domain/refusal.h"
#include "server/domain/settlement.h"

namespace budget {
namespace {

Outcome Replay(const RecordUsage& op, const Reservation& reservation,
               Books& books) {
  const std::string field = FirstDifference(op.payload, reservation.payload);
  if (!field.empty()) return {.refusal = Mismatch(op.id, field)};
  Outcome outcome = Describe(reservation, books);
  outcome.crossed = reservation.crossed_at_reserve;
  outcome.replayed = true;
  outcome.ledger_sequence = reservation.reserve_sequence;
  return outcome;
}

Amounts ActualOf(const RecordUsage& op, Books& books,
                 Reservation& reservation) {
  const ReservePayload& payload = op.payload;
  const Cost cost =
      CostOf(payload.amounts[Unit::kUsdNanos], payload.usd_unknown,
             payload.usage, books.set().root.price_version, books.set());
  reservation.price_version = books.set().root.price_version;
  reservation.unpriced = cost.unknown;
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
  Reservation reservation{.id = op.id, .payload = op.payload};
  for (const Allocation* allocation : targets.allocations) {
    reservation.allocation_ids.push_back(allocation->id);
  }
  reservation.pins = targets.pins;
  reservation.reported = ActualOf(op, books, reservation);
  reservation.state = ReservationState::kSettled;
  reservation.usage_final = true;
  reservation.created_at = books.now();
  reservation.expires_at = books.now();
  reservation.ended_at = books.now();
  return reservation;
}

}  // namespace

Outcome Run(const RecordUsage& op, Books& books) {
  const auto known = books.set().reservations.find(op.id);
  if (known != books.set().reservations.end()) {
    return Replay(op, known->second.reservation, books);
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
  Reservation& kept =
      books.set().reservations[op.id].reservation = std::move(usage);
  kept.reserve_sequence = books.set().root.last_sequence + 1;
  kept.crossed_at_reserve = PostFor(std::move(entry), kept, books);
  Outcome outcome = Describe(kept, books);
  outcome.crossed = kept.crossed_at_reserve;
  outcome.ledger_sequence = kept.reserve_sequence;
  return outcome;
}

}  // namespace budget
