#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/admission.h"
#include "server/domain/handlers.h"
#include "server/domain/new_reservation.h"
#include "server/domain/pricing.h"
#include "server/domain/settlement.h"

namespace budget {
namespace {

// What a call asks for, priced.
struct Request {
  Amounts amounts;
  bool unpriced = false;
};

// Applies defaults, the price table and the unpriced policy.
std::optional<Refusal> PriceRequest(const ReservePayload& payload,
                                    Books& books, Request& request) {
  request.amounts[Unit::kTokens] = payload.amounts[Unit::kTokens].value_or(0);
  request.amounts[Unit::kRequests] =
      payload.amounts[Unit::kRequests].value_or(1);
  const Cost cost =
      CostOf(payload.amounts[Unit::kUsdNanos], payload.usd_unknown,
             payload.usage, books.set().root.price_version, books.set());
  request.amounts[Unit::kUsdNanos] = cost.usd_nanos.value_or(0);
  if (!cost.unknown) return std::nullopt;
  request.unpriced = true;
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
  request.amounts[Unit::kUsdNanos] = rule.charge_usd_nanos;
  return std::nullopt;
}

Want WantOf(const Amounts& requested,
            const std::optional<PartialAmounts>& minimum) {
  Want want{.wanted = requested, .least = requested};
  if (!minimum) return want;
  for (Unit unit : kUnits) {
    if (!(*minimum)[unit]) continue;
    want.least[unit] = std::min(*(*minimum)[unit], want.wanted[unit]);
  }
  return want;
}

Outcome Hold(Reservation reservation, Books& books) {
  LedgerEntry entry = EntryFor(EntryKind::kReserve, reservation);
  entry.actor = reservation.terms->owner;
  entry.reserved = reservation.terms->granted;
  return Keep(std::move(reservation), std::move(entry), books);
}

Outcome Preview(Reservation reservation, Books& books) {
  reservation.held = reservation.terms->granted;
  return Describe(reservation, books);
}

}  // namespace

Outcome Run(const Reserve& op, Books& books) {
  const ReservePayload& payload = *op.payload;
  const auto known = books.set().reservations.find(op.id);
  if (known != books.set().reservations.end()) {
    return Replay(payload, op.caller, known->second.reservation, books);
  }
  if (auto refusal = CheckIdAge(op.id, books)) return {.refusal = refusal};
  const Targets& targets = books.TargetsOf(payload.allocations);
  if (targets.missing) return {.refusal = targets.missing};
  Request request;
  ReservationTerms terms = NewTerms(op, targets, books);
  std::optional<Refusal> refusal = targets.closed;
  if (!refusal) refusal = PriceRequest(payload, books, request);
  if (!refusal) {
    refusal = Admit(targets.pins, WantOf(request.amounts, payload.minimum),
                    books, terms.granted);
  }
  if (refusal) {
    refusal->requested = request.amounts;
    return {.refusal = refusal};
  }
  terms.requested = request.amounts;
  terms.on_expiry = payload.on_expiry == OnExpiry::kInherit
                        ? targets.on_expiry
                        : payload.on_expiry;
  Reservation reservation{.terms = std::move(terms),
                          .pins = targets.pins,
                          .unpriced = request.unpriced,
                          .expires_at = books.now() + payload.ttl};
  return op.validate_only ? Preview(std::move(reservation), books)
                          : Hold(std::move(reservation), books);
}

}  // namespace budget
