#ifndef BUDGET_DOMAIN_HANDLERS_H_
#define BUDGET_DOMAIN_HANDLERS_H_

#include "server/domain/books.h"
#include "server/domain/operation.h"
#include "server/domain/outcome.h"

namespace budget {

// One handler for each operation, in a file of its own name. Each checks
// everything first, in the order of reason.h, and then changes the books in a
// way that cannot fail.

Outcome Run(const Reserve& op, Books& books);            // reserve.cc
Outcome Run(const AdjustReservation& op, Books& books);  // adjust.cc
Outcome Run(const Settle& op, Books& books);             // settle.cc
Outcome Run(const Release& op, Books& books);            // release.cc
Outcome Run(const RecordUsage& op, Books& books);        // record_usage.cc
Outcome Run(const Sweep& op, Books& books);              // expire.cc

// allocations.cc
Outcome Run(const CreateAllocation& op, Books& books);
Outcome Run(const UpdateAllocation& op, Books& books);
Outcome Run(const ArchiveAllocation& op, Books& books);
Outcome Run(const Freeze& op, Books& books);
Outcome Run(const Unfreeze& op, Books& books);

Outcome Run(const SetLimit& op, Books& books);       // limits.cc
Outcome Run(const RemoveLimit& op, Books& books);    // limits.cc
Outcome Run(const TransferCap& op, Books& books);    // transfer_cap.cc
Outcome Run(const AdjustBalance& op, Books& books);  // adjust_balance.cc
Outcome Run(const SetPrices& op, Books& books);      // set_prices.cc

}  // namespace budget

#endif  // BUDGET_DOMAIN_HANDLERS_H_
