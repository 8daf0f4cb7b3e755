#include "server/domain/new_reservation.h"

#include <utility>

#include "server/domain/refusal.h"
#include "server/domain/settlement.h"

namespace budget {
namespace {

// What the first call was answered, with the reservation as it is now.
Outcome FirstAnswer(const Reservation& reservation, Books& books) {
  Outcome outcome = Describe(reservation, books);
  outcome.crossed = reservation.crossed_at_reserve;
  outcome.ledger_sequence = reservation.reserve_sequence;
  return outcome;
}

}  // namespace

Outcome Replay(const ReservePayload& payload, const Reservation& known,
               Books& books) {
  const std::string field = FirstDifference(payload, known.payload);
  if (!field.empty()) return {.refusal = Mismatch(known.id, field)};
  Outcome outcome = FirstAnswer(known, books);
  outcome.replayed = true;
  return outcome;
}

Reservation NewReservation(const Uuid& id, const ReservePayload& payload,
                           const Targets& targets, const Books& books) {
  Reservation reservation{.id = id, .payload = payload, .pins = targets.pins};
  for (const Allocation* allocation : targets.allocations) {
    reservation.allocation_ids.push_back(allocation->id);
  }
  reservation.created_at = books.now();
  reservation.expires_at = books.now();
  return reservation;
}

Outcome Keep(Reservation reservation, LedgerEntry entry, Books& books) {
  Reservation& kept = books.set().reservations[reservation.id].reservation;
  kept = std::move(reservation);
  kept.reserve_sequence = books.set().root.last_sequence + 1;
  kept.crossed_at_reserve = PostFor(std::move(entry), kept, books);
  return FirstAnswer(kept, books);
}

}  // namespace budget
