#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/admission.h"
#include "server/domain/handlers.h"
#include "server/domain/new_reservation.h"
#include "server/domain/policy.h"
#include "server/domain/pricing.h"
#include "server/domain/settlement.h"

namespace budget {
namespace {

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

OnExpiry OnExpiryOf(const ReservePayload& payload, const Catalog& catalog) {
  if (payload.on_expiry != OnExpiry::kInherit) return payload.on_expiry;
  return EffectivePolicies(catalog, payload.allocations.front()).on_expiry;
}

Outcome Hold(Reservation reservation, Books& books) {
  LedgerEntry entry = EntryFor(EntryKind::kReserve, reservation);
  entry.reserved = reservation.granted;
  return Keep(std::move(reservation), std::move(entry), books);
}

Outcome Preview(Reservation reservation, Books& books) {
  reservation.held = reservation.granted;
  return Describe(reservation, books);
}

}  // namespace

Outcome Run(const Reserve& op, Books& books) {
  const auto known = books.set().reservations.find(op.id);
  if (known != books.set().reservations.end()) {
    return Replay(op.payload, known->second.reservation, books);
  }
  if (auto refusal = CheckIdAge(op.id, books)) return {.refusal = refusal};
  std::optional<Refusal> refusal;
  const std::optional<Targets> targets =
      Resolve(op.payload.allocations, books, refusal);
  if (!targets) return {.refusal = refusal};
  Reservation reservation =
      NewReservation(op.id, op.payload, *targets, books);
  reservation.expires_at = books.now() + op.payload.ttl;
  reservation.on_expiry = OnExpiryOf(op.payload, books.catalog());
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
  return op.validate_only ? Preview(std::move(reservation), books)
                          : Hold(std::move(reservation), books);
}

}  // namespace budget
