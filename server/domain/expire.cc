#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "server/domain/handlers.h"
#include "server/domain/settlement.h"

namespace budget {
namespace {

void Expire(Books& books, WorkingSet::ReservationSlot& slot) {
  Reservation& reservation = slot.reservation;
  LedgerEntry entry = EntryFor(EntryKind::kExpire, reservation);
  FreeRest(reservation, entry);
  if (reservation.terms->on_expiry == OnExpiry::kSettleHeld) {
    entry.spent = reservation.held;
    entry.detail = {{"settled_held", "true"}};
  }
  reservation.state = ReservationState::kExpired;
  reservation.ended_at = books.now();
  PostFor(std::move(entry), slot, books);
}

}  // namespace

void ExpireDue(absl::Time now, WorkingSet& set) {
  std::vector<WorkingSet::ReservationSlot*> due;
  for (auto& [id, slot] : set.reservations) {
    if (slot.reservation.IsOpen() && slot.reservation.expires_at <= now) {
      due.push_back(&slot);
    }
  }
  std::sort(due.begin(), due.end(),
            [](const auto* first, const auto* second) {
              const Reservation& a = first->reservation;
              const Reservation& b = second->reservation;
              return std::tie(a.expires_at, a.id()) <
                     std::tie(b.expires_at, b.id());
            });
  const DecideOptions options;
  Books books(set, now, options);
  for (WorkingSet::ReservationSlot* slot : due) Expire(books, *slot);
}

// What is due was expired before the batch.
Outcome Run(const Sweep&, Books&) { return {}; }

}  // namespace budget
