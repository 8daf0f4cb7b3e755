#ifndef BUDGET_DOMAIN_NEW_RESERVATION_H_
#define BUDGET_DOMAIN_NEW_RESERVATION_H_

#include "server/domain/books.h"
#include "server/domain/caller.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/outcome.h"
#include "server/domain/reservation.h"
#include "server/domain/targets.h"

namespace budget {

// What Reserve and RecordUsage share: both bring a reservation into being under
// an id that the caller chose.

// The answer to an id that is known: the first one, or a mismatch. Who may not
// touch the reservation learns no more than that the id is taken.
Outcome Replay(const ReservePayload& payload, const CallerRef& caller,
               const Reservation& known, Books& books);

// The terms of a reservation that is made now. What it holds is not decided.
// `op` is a Reserve or RecordUsage.
template <typename Op>
ReservationTerms NewTerms(const Op& op, const Targets& targets, Books& books) {
  const RootRecord& root = books.set().root;
  return {.id = op.id,
          .payload = op.payload,
          .allocation_ids = targets.allocations,
          .price_version = root.price_version,
          .reserve_sequence = root.last_sequence + 1,
          .created_at = books.now(),
          .owner = PrincipalOf(op.caller)};
}

// Keeps the reservation with its first ledger entry, and describes it.
Outcome Keep(Reservation reservation, LedgerEntry entry, Books& books);

}  // namespace budget

#endif  // BUDGET_DOMAIN_NEW_RESERVATION_H_
