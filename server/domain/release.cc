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

void ReleaseOpen(const Release& op, Books& books,
                 WorkingSet::ReservationSlot& slot) {
  Reservation& reservation = slot.reservation;
  LedgerEntry entry = EntryFor(EntryKind::kRelease, reservation);
  entry.actor = PrincipalOf(op.caller);
  FreeRest(reservation, entry);
  reservation.state = ReservationState::kReleased;
  reservation.ended_at = books.now();
  PostFor(std::move(entry), slot, books);
}

// Takes back what expiry charged for a call that turns out never to have left.
void RefundExpired(const Release& op, Books& books,
                   WorkingSet::ReservationSlot& slot) {
  Reservation& reservation = slot.reservation;
  LedgerEntry entry = EntryFor(EntryKind::kRelease, reservation);
  entry.actor = PrincipalOf(op.caller);
  RecordUsageDeltas(Amounts{}, reservation, books, entry);
  entry.detail = {{"late", "true"}};
  reservation.usage_final = true;
  reservation.settled_late = true;
  PostFor(std::move(entry), slot, books);
}

}  // namespace

Outcome Run(const Release& op, Books& books) {
  WorkingSet::ReservationSlot* const found =
      FindFor(op.caller, op.id, books);
  if (found == nullptr) return {.refusal = ReservationNotFound(op.id)};
  WorkingSet::ReservationSlot& slot = *found;
  const Reservation& reservation = slot.reservation;
  if (auto refusal = CheckUnused(reservation)) {
    Outcome outcome = Describe(reservation, books);
    outcome.refusal = std::move(refusal);
    return outcome;
  }
  const bool charged = !(reservation.spent + reservation.overage).IsZero();
  const bool open = reservation.IsOpen();
  if (open) {
    ReleaseOpen(op, books, slot);
  } else if (charged) {
    RefundExpired(op, books, slot);
  }
  Outcome outcome = Describe(reservation, books);
  if (open || charged) {
    outcome.ledger_sequence = books.set().root.last_sequence;
  }
  return outcome;
}

}  // namespace budget
