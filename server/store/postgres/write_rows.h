#ifndef BUDGET_STORE_POSTGRES_WRITE_ROWS_H_
#define BUDGET_STORE_POSTGRES_WRITE_ROWS_H_

#include <string>

#include "absl/time/time.h"
#include "server/domain/allocation.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/limit.h"
#include "server/domain/reservation.h"
#include "server/domain/working_set.h"
#include "server/store/postgres/row_array.h"

namespace budget {

// Each adds one row of a row type of write_statements.h, field by field in the
// order of the type.

void PutAllocation(const std::string& root, const Allocation& allocation,
                   RowArray& rows);
void PutLimit(const std::string& root, const Limit& limit, RowArray& rows);
// Whether a counter takes over the cap of its limit, which was changed.
enum class TakeCap : bool { kNo, kYes };
// How far the counter has moved.
void PutCounter(const std::string& root, const Pin& key,
                const WorkingSet::CounterSlot& slot, absl::Time now,
                TakeCap take_cap, RowArray& rows);
void PutReservation(const std::string& root, const Reservation& reservation,
                    RowArray& rows);
// What of it can change.
void PutChange(const std::string& root, const Reservation& reservation,
               RowArray& rows);
void PutEntry(const std::string& root, const LedgerEntry& entry,
              RowArray& rows);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_WRITE_ROWS_H_
