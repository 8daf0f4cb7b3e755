#include <utility>

#include "server/domain/admission.h"
#include "server/domain/handlers.h"
#include "server/domain/refusal.h"
#include "server/domain/settlement.h"

namespace budget {
namespace {

Refusal Ended(const Reservation& reservation) {
  return {.reason = Reason::kReservationEnded,
          .message = "the reservation is not open any more; reserve anew",
          .subject = reservation.id().ToString()};
}

// What the hold is raised by; lowering needs no admission.
Amounts RaiseOf(const Amounts& change) {
  Amounts raise;
  for (Unit unit : kUnits) raise[unit] = std::max<int64_t>(0, change[unit]);
  return raise;
}

std::optional<Refusal> CheckRaise(const Amounts& raise,
                                  const Reservation& reservation,
                                  Books& books) {
  if (raise.IsZero()) return std::nullopt;
  const Targets& targets = books.TargetsOf(reservation.payload().allocations);
  if (targets.closed) return targets.closed;
  Amounts granted;
  return Admit(reservation.pins, {.wanted = raise, .least = raise}, books,
               granted);
}

}  // namespace

Outcome Run(const AdjustReservation& op, Books& books) {
  const auto known = books.set().reservations.find(op.id);
  if (known == books.set().reservations.end()) {
    return {.refusal = ReservationNotFound(op.id)};
  }
  WorkingSet::ReservationSlot& slot = known->second;
  Reservation& reservation = slot.reservation;
  if (!reservation.IsOpen()) {
    Outcome outcome = Describe(reservation, books);
    outcome.refusal = Ended(reservation);
    return outcome;
  }
  LedgerEntry entry = EntryFor(EntryKind::kAdjustReservation, reservation);
  for (Unit unit : kUnits) {
    if (op.held[unit]) {
      entry.reserved[unit] = *op.held[unit] - reservation.held[unit];
    }
  }
  const Amounts raise = RaiseOf(entry.reserved);
  if (auto refusal = CheckRaise(raise, reservation, books)) {
    refusal->requested = raise;
    return {.refusal = refusal};
  }
  const absl::Time expires_at =
      op.ttl ? books.now() + *op.ttl : reservation.expires_at;
  std::vector<Crossing> crossed;
  int64_t sequence = 0;
  if (!entry.reserved.IsZero() || expires_at != reservation.expires_at) {
    entry.detail = {
        {"expires_at", absl::FormatTime(expires_at, absl::UTCTimeZone())}};
    reservation.expires_at = expires_at;
    crossed = PostFor(std::move(entry), slot, books);
    sequence = books.set().root.last_sequence;
  }
  Outcome outcome = Describe(reservation, books);
  outcome.crossed = std::move(crossed);
  outcome.ledger_sequence = sequence;
  return outcome;
}

}  // namespace budget
