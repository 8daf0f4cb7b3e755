#include "server/domain/settlement.h"

#include <algorithm>
#include <utility>

#include "server/domain/refusal.h"

namespace budget {
namespace {

int64_t HeadroomOf(Unit unit, const SharedList<Pin>& pins, Books& books) {
  int64_t headroom = kAmountMax;
  for (const Line* line : books.LinesOf(pins)) {
    if (line->unit() == unit) headroom = std::min(headroom, line->Headroom());
  }
  return headroom;
}

void Increase(Unit unit, int64_t amount, const Reservation& reservation,
              Books& books, LedgerEntry& entry) {
  const int64_t from_hold = std::min(amount, reservation.held[unit]);
  const int64_t rest = amount - from_hold;
  const int64_t fits =
      rest == 0 ? 0 : std::min(rest, HeadroomOf(unit, entry.pins, books));
  entry.reserved[unit] -= from_hold;
  entry.spent[unit] += from_hold + fits;
  entry.overage[unit] += rest - fits;
}

void Decrease(Unit unit, int64_t amount, const Reservation& reservation,
              LedgerEntry& entry) {
  const int64_t from_overage = std::min(amount, reservation.overage[unit]);
  entry.overage[unit] -= from_overage;
  entry.spent[unit] -= amount - from_overage;
}

}  // namespace

WorkingSet::ReservationSlot* FindFor(const CallerRef& caller, const Uuid& id,
                                     Books& books) {
  const auto known = books.set().reservations.find(id);
  if (known == books.set().reservations.end() ||
      !MayTouch(caller, known->second.reservation)) {
    return nullptr;
  }
  return &known->second;
}

LedgerEntry EntryFor(EntryKind kind, const Reservation& reservation) {
  LedgerEntry entry;
  entry.kind = kind;
  entry.reservation = reservation.id();
  entry.allocations = reservation.terms->allocation_ids;
  entry.admitted_at = reservation.terms->created_at;
  entry.pins = reservation.pins;
  return entry;
}

void RecordUsageDeltas(const Amounts& target, const Reservation& reservation,
                       Books& books, LedgerEntry& entry) {
  for (Unit unit : kUnits) {
    const int64_t recorded = reservation.spent[unit] + reservation.overage[unit];
    if (target[unit] >= recorded) {
      Increase(unit, target[unit] - recorded, reservation, books, entry);
    } else {
      Decrease(unit, recorded - target[unit], reservation, entry);
    }
  }
}

void FreeRest(const Reservation& reservation, LedgerEntry& entry) {
  for (Unit unit : kUnits) entry.reserved[unit] = -reservation.held[unit];
}

std::optional<Refusal> CheckOverflow(const LedgerEntry& entry, Books& books) {
  for (const Line* line : books.LinesOf(entry.pins)) {
    const Unit unit = line->unit();
    if (line->tally().overage > kAmountMax - entry.overage[unit]) {
      return CounterOverflow(unit);
    }
  }
  return std::nullopt;
}

std::vector<Crossing> PostFor(LedgerEntry entry,
                              WorkingSet::ReservationSlot& slot,
                              Books& books) {
  Reservation& reservation = slot.reservation;
  reservation.spent += entry.spent;
  reservation.held += entry.reserved;
  reservation.overage += entry.overage;
  slot.changed = true;
  return books.Post(std::move(entry));
}

Outcome Describe(const Reservation& reservation, Books& books) {
  return {.reservation = reservation, .limits = books.Read(reservation.pins)};
}

}  // namespace budget
