#include <utility>

#include "server/domain/handlers.h"
#include "server/domain/refusal.h"
#include "server/domain/settlement.h"

namespace budget {
namespace {

Refusal Refuse(Reason reason, absl::string_view message,
               const Reservation& reservation) {
  return {.reason = reason,
          .message = std::string(message),
          .subject = reservation.id().ToString()};
}

// Why the claim that nothing was dispatched cannot be true.
std::optional<Refusal> CheckUnused(const Reservation& reservation) {
  const bool unused = reservation.reported.IsZero();
  if (reservation.state == ReservationState::kSettled ||
      (reservation.usage_final && !unused)) {
    return Refuse(Reason::kReservationSettled,
                  "the reservation was settled and cannot be released",
                  reservation);
  }
  if (unused) return std::nullopt;
  return Refuse(Reason::kUsageRecorded,
                "usage was recorded on the reservation; end it with Settle and "
                "final instead",
                reservation);
}

void ReleaseOpen(Books& books, WorkingSet::ReservationSlot& slot) {
  Reservation& reservation = slot.reservation;
  LedgerEntry entry = EntryFor(EntryKind::kRelease, reservation);
  FreeRest(reservation, entry);
  reservation.state = ReservationState::kReleased;
  reservation.ended_at = books.now();
  PostFor(std::move(entry), slot, books);
}

// Takes back what expiry charged for a call that turns out never to have left.
void RefundExpired(Books& books, WorkingSet::ReservationSlot& slot) {
  Reservation& reservation = slot.reservation;
  LedgerEntry entry = EntryFor(EntryKind::kRelease, reservation);
  RecordUsageDeltas(Amounts{}, reservation, books, entry);
  entry.detail = {{"late", "true"}};
  reservation.usage_final = true;
  reservation.settled_late = true;
  PostFor(std::move(entry), slot, books);
}

}  // namespace

Outcome Run(const Release& op, Books& books) {
  const auto known = books.set().reservations.find(op.id);
  if (known == books.set().reservations.end()) {
    return {.refusal = ReservationNotFound(op.id)};
  }
  WorkingSet::ReservationSlot& slot = known->second;
  const Reservation& reservation = slot.reservation;
  if (auto refusal = CheckUnused(reservation)) {
    Outcome outcome = Describe(reservation, books);
    outcome.refusal = std::move(refusal);
    return outcome;
  }
  const bool charged = !(reservation.spent + reservation.overage).IsZero();
  const bool open = reservation.IsOpen();
  if (open) {
    ReleaseOpen(books, slot);
  } else if (charged) {
    RefundExpired(books, slot);
  }
  Outcome outcome = Describe(reservation, books);
  if (open || charged) {
    outcome.ledger_sequence = books.set().root.last_sequence;
  }
  return outcome;
}

}  // namespace budget
