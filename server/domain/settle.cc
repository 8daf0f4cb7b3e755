#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/handlers.h"
#include "server/domain/pricing.h"
#include "server/domain/refusal.h"
#include "server/domain/settlement.h"

namespace budget {
namespace {

// The caller's cumulative figures, with defaults, price and policy applied.
struct Report {
  Amounts actual;
  bool unpriced = false;  // the USD cost is unknown, now or still
};

int64_t UnknownUsd(const Reservation& reservation, const Catalog& catalog) {
  const int64_t reported = reservation.reported[Unit::kUsdNanos];
  const UnpricedRule rule =
      UnpricedRuleOf(reservation.payload().allocations, catalog);
  switch (rule.kind) {
    case UnpricedRule::Kind::kDeny:
      return reported + reservation.held[Unit::kUsdNanos];
    case UnpricedRule::Kind::kFixed:
      return std::max(reported, rule.charge_usd_nanos);
    case UnpricedRule::Kind::kAllow:
      return reported;
  }
  return reported;
}

Report ReportOf(const Settle& op, const Reservation& reservation,
                Books& books) {
  const Amounts& reported = reservation.reported;
  Report report{.actual = reported};
  if (op.actual[Unit::kTokens]) {
    report.actual[Unit::kTokens] = *op.actual[Unit::kTokens];
  }
  if (op.actual[Unit::kRequests]) {
    report.actual[Unit::kRequests] = *op.actual[Unit::kRequests];
  } else if (op.final && !reservation.usage_final) {
    report.actual[Unit::kRequests] = std::max(
        reported[Unit::kRequests], reservation.terms->granted[Unit::kRequests]);
  }
  const Cost cost =
      CostOf(op.actual[Unit::kUsdNanos], op.usd_unknown, op.usage,
             reservation.terms->price_version, books.set());
  report.unpriced =
      cost.unknown || (reservation.unpriced && !cost.usd_nanos.has_value());
  if (report.unpriced) {
    // After the end this is a repeat: what was booked then stands.
    if (!reservation.usage_final) {
      report.actual[Unit::kUsdNanos] = UnknownUsd(reservation, books.catalog());
    }
  } else if (cost.usd_nanos) {
    report.actual[Unit::kUsdNanos] = *cost.usd_nanos;
  }
  if (!op.final) {
    for (Unit unit : kUnits) {
      report.actual[unit] = std::max(report.actual[unit], reported[unit]);
    }
  }
  return report;
}

Refusal AlreadySettled(const Reservation& reservation) {
  return {.reason = Reason::kReservationSettled,
          .message = absl::StrCat(
              "the reservation was settled with ",
              reservation.reported[Unit::kUsdNanos], " usd_nanos, ",
              reservation.reported[Unit::kTokens], " tokens, ",
              reservation.reported[Unit::kRequests],
              " requests; correct it with AdjustBalance or RecordUsage"),
          .subject = reservation.id().ToString()};
}

Outcome SettleAgain(const Report& report, const Reservation& reservation,
                    Books& books) {
  Outcome outcome = Describe(reservation, books);
  if (report.actual == reservation.reported) {
    outcome.replayed = true;
  } else {
    outcome.refusal = AlreadySettled(reservation);
  }
  return outcome;
}

// What is to be recorded. Until the final report, what expiry has charged
// stands.
Amounts TargetOf(const Report& report, const Settle& op,
                 const Reservation& reservation) {
  Amounts target = report.actual;
  if (op.final) return target;
  const Amounts recorded = reservation.spent + reservation.overage;
  for (Unit unit : kUnits) {
    target[unit] = std::max(target[unit], recorded[unit]);
  }
  return target;
}

void MarkFinal(Books& books, Reservation& reservation) {
  reservation.usage_final = true;
  if (reservation.IsOpen()) {
    reservation.state = ReservationState::kSettled;
    reservation.ended_at = books.now();
  }
}

LedgerEntry EntryOf(const Settle& op, const Report& report,
                    const Reservation& reservation, Books& books) {
  LedgerEntry entry = EntryFor(EntryKind::kSettle, reservation);
  RecordUsageDeltas(TargetOf(report, op, reservation), reservation, books,
                    entry);
  if (op.final) {
    FreeRest(reservation, entry);
    entry.detail.emplace_back("final", "true");
    if (report.unpriced) entry.unpriced = 1;
  }
  if (!reservation.IsOpen()) entry.detail.emplace_back("late", "true");
  return entry;
}

}  // namespace

Outcome Run(const Settle& op, Books& books) {
  const auto known = books.set().reservations.find(op.id);
  if (known == books.set().reservations.end()) {
    return {.refusal = ReservationNotFound(op.id)};
  }
  WorkingSet::ReservationSlot& slot = known->second;
  Reservation& reservation = slot.reservation;
  const Report report = ReportOf(op, reservation, books);
  if (reservation.usage_final) return SettleAgain(report, reservation, books);
  if (!op.final && report.actual == reservation.reported &&
      report.unpriced == reservation.unpriced) {
    return Describe(reservation, books);
  }
  LedgerEntry entry = EntryOf(op, report, reservation, books);
  if (auto refusal = CheckOverflow(entry, books)) return {.refusal = refusal};
  reservation.reported = report.actual;
  reservation.unpriced = report.unpriced;
  reservation.settled_late |= !reservation.IsOpen();
  if (op.final) MarkFinal(books, reservation);
  std::vector<Crossing> crossed =
      PostFor(std::move(entry), slot, books);
  Outcome outcome = Describe(reservation, books);
  outcome.crossed = std::move(crossed);
  outcome.ledger_sequence = books.set().root.last_sequence;
  return outcome;
}

}  // namespace budget
