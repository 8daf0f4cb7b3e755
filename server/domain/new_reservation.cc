#include "server/domain/new_reservation.h"

#include <utility>

#include "server/domain/refusal.h"
#include "server/domain/settlement.h"

namespace budget {
namespace {

// What the first call was answered, with the reservation as it is now.
Outcome FirstAnswer(const Reservation& reservation, Books& books) {
  Outcome outcome = Describe(reservation, books);
  outcome.crossed = reservation.crossed_at_reserve.vector();
  outcome.ledger_sequence = reservation.terms->reserve_sequence;
  return outcome;
}

}  // namespace

Outcome Replay(const ReservePayload& payload, const CallerRef& caller,
               const Reservation& known, Books& books) {
  if (!MayTouch(caller, known)) return {.refusal = IdTaken(known.id())};
  const std::string field = FirstDifference(payload, known.payload());
  if (!field.empty()) return {.refusal = Mismatch(known.id(), field)};
  Outcome outcome = FirstAnswer(known, books);
  outcome.replayed = true;
  return outcome;
}

Outcome Keep(Reservation reservation, LedgerEntry entry, Books& books) {
  WorkingSet::ReservationSlot& slot =
      books.set().reservations[reservation.id()];
  slot.reservation = std::move(reservation);
  slot.reservation.crossed_at_reserve =
      PostFor(std::move(entry), slot, books);
  return FirstAnswer(slot.reservation, books);
}

}  // namespace budget
