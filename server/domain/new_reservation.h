#ifndef BUDGET_DOMAIN_NEW_RESERVATION_H_
#define BUDGET_DOMAIN_NEW_RESERVATION_H_

#include "server/domain/books.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/outcome.h"
#include "server/domain/reservation.h"
#include "server/domain/targets.h"

namespace budget {

// What Reserve and RecordUsage share: both bring a reservation into being under
// an id that the caller chose.

// The answer to an id that is known: the first one, or a mismatch.
Outcome Replay(const ReservePayload& payload, const Reservation& known,
               Books& books);

// The terms of a reservation that is made now. What it holds is not decided.
ReservationTerms NewTerms(const Uuid& id, const Shared<ReservePayload>& payload,
                          const Targets& targets, Books& books);

// Keeps the reservation with its first ledger entry, and describes it.
Outcome Keep(Reservation reservation, LedgerEntry entry, Books& books);

}  // namespace budget

#endif  // BUDGET_DOMAIN_NEW_RESERVATION_H_
