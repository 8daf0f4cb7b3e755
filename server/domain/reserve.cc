#include "absl/strings/str_cat.h"
#include "server/domain/admission.h"
#include "server/domain/handlers.h"
#include "server/domain/policy.h"
#include "server/domain/pricing.h"
#include "server/domain/refusal.h"
#include "server/domain/settlement.h"

namespace budget {
namespace {

Outcome Replay(const Reserve& op, const Reservation& reservation,
               Books& books) {
  const std::string field = FirstDifference(op.payload, reservation.payload);
  if (!field.empty()) return {.refusal = Mismatch(op.id, field)};
  Outcome outcome = Describe(reservation, books);
  outcome.crossed = reservation.crossed_at_reserve;
  outcome.replayed = true;
  outcome.ledger_sequence = reservation.reserve_sequence;
  return outcome;
}

// Applies defaults, the price table and the unpriced policy.
std::optional<Refusal> PriceRequest(const Reserve& op, Books& books,
                                    Reservation& reservation) {
  const ReservePayload& payload = op.payload;
  reservation.price_version = books.set().root.price_version;
  reservation.requested[Unit::kTokens] =
      payload.amounts[Unit::kTokens].value_or(0);
  reservation.requested[Unit::kRequests] =
      payload.amounts[Unit::kRequests].value_or(1);
  const Cost cost =
      CostOf(payload.amounts[Unit::kUsdNanos], payload.usd_unknown,
             payload.usage, reservation.price_version, books.set());
  reservation.requested[Unit::kUsdNanos] = cost.usd_nanos.value_or(0);
  if (!cost.unknown) return std::nullopt;
  reservation.unpriced = true;
  const UnpricedRule rule =
      UnpricedRuleOf(payload.allocations, books.catalog());
  if (rule.kind == UnpricedRule::Kind::kDeny) {
    return Refusal{
        .reason = Reason::kUnpriced,
        .message = absl::StrCat(
            "the USD cost of the call is unknown and ", rule.denied_by->path,
            " denies such calls; give amounts.usd_nanos, price the model, or "
            "set another unpriced policy"),
        .subject = rule.denied_by->path};
  }
  reservation.requested[Unit::kUsdNanos] = rule.charge_usd_nanos;
  return std::nullopt;
}

Want WantOf(const Reservation& reservation) {
  Want want{.wanted = reservation.requested, .least = reservation.requested};
  const std::optional<PartialAmounts>& minimum = reservation.payload.minimum;
  if (!minimum) return want;
  for (Unit unit : kUnits) {
    if (!(*minimum)[unit]) continue;
    want.least[unit] = std::min(*(*minimum)[unit], want.wanted[unit]);
  }
  return want;
}

void FillRest(const Reserve& op, const Targets& targets, Books& books,
              Reservation& reservation) {
  for (const Allocation* allocation : targets.allocations) {
    reservation.allocation_ids.push_back(allocation->id);
  }
  reservation.pins = targets.pins;
  reservation.created_at = books.now();
  reservation.expires_at = books.now() + op.payload.ttl;
  reservation.on_expiry =
      op.payload.on_expiry != OnExpiry::kInherit
          ? op.payload.on_expiry
          : EffectivePolicies(books.catalog(), op.payload.allocations.front())
                .on_expiry;
}

Outcome Hold(Reservation reservation, Books& books) {
  WorkingSet::ReservationSlot& slot =
      books.set().reservations[reservation.id];
  slot.reservation = std::move(reservation);
  Reservation& held = slot.reservation;
  LedgerEntry entry = EntryFor(EntryKind::kReserve, held);
  entry.reserved = held.granted;
  held.reserve_sequence = books.set().root.last_sequence + 1;
  held.crossed_at_reserve = PostFor(std::move(entry), held, books);
  Outcome outcome = Describe(held, books);
  outcome.crossed = held.crossed_at_reserve;
  outcome.ledger_sequence = held.reserve_sequence;
  return outcome;
}

Outcome Preview(Reservation reservation, Books& books) {
  reservation.held = reservation.granted;
  return Describe(reservation, books);
}

}  // namespace

Outcome Run(const Reserve& op, Books& books) {
  const auto known = books.set().reservations.find(op.id);
  if (known != books.set().reservations.end()) {
    return Replay(op, known->second.reservation, books);
  }
  if (auto refusal = CheckIdAge(op.id, books)) return {.refusal = refusal};
  std::optional<Refusal> refusal;
  const std::optional<Targets> targets =
      Resolve(op.payload.allocations, books, refusal);
  if (!targets) return {.refusal = refusal};
  Reservation reservation{.id = op.id, .payload = op.payload};
  refusal = CheckOpen(op.payload.allocations, books.catalog());
  if (!refusal) refusal = PriceRequest(op, books, reservation);
  if (!refusal) {
    refusal = Admit(targets->pins, WantOf(reservation), books,
                    reservation.granted);
  }
  if (refusal) {
    refusal->requested = reservation.requested;
    return {.refusal = refusal};
  }
  FillRest(op, *targets, books, reservation);
  return op.validate_only ? Preview(std::move(reservation), books)
                          : Hold(std::move(reservation), books);
}

}  // namespace budget
