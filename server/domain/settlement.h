#ifndef BUDGET_DOMAIN_SETTLEMENT_H_
#define BUDGET_DOMAIN_SETTLEMENT_H_

#include "server/domain/books.h"
#include "server/domain/caller.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/reservation.h"

namespace budget {

// The reservation that an operation of `caller` names; null where there is
// none, or none that it may touch.
WorkingSet::ReservationSlot* FindFor(const CallerRef& caller, const Uuid& id,
                                     Books& books);

// A ledger entry about `reservation`, with no amounts yet.
LedgerEntry EntryFor(EntryKind kind, const Reservation& reservation);

// Sets, in `entry`, the deltas that bring what is recorded of the reservation
// to `target`. An increase is taken from its hold first, then spent as far as
// it fits every limit, and the rest is overage; a decrease takes overage off
// first. The hold that is left stays.
void RecordUsageDeltas(const Amounts& target, const Reservation& reservation,
                       Books& books, LedgerEntry& entry);

// Frees, in `entry`, what is still held after its other deltas.
void FreeRest(const Reservation& reservation, LedgerEntry& entry);

// The refusal if a counter could not keep the entry's overage.
std::optional<Refusal> CheckOverflow(const LedgerEntry& entry, Books& books);

// Posts the entry and moves the reservation's own figures with it.
std::vector<Crossing> PostFor(LedgerEntry entry,
                              WorkingSet::ReservationSlot& slot, Books& books);

// The outcome that describes `reservation` as it is now.
Outcome Describe(const Reservation& reservation, Books& books);

}  // namespace budget

#endif  // BUDGET_DOMAIN_SETTLEMENT_H_
