#ifndef BUDGET_STORE_POSTGRES_ROWS_H_
#define BUDGET_STORE_POSTGRES_ROWS_H_

#include <optional>

#include "server/domain/allocation.h"
#include "server/domain/catalog.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/ledger_fold.h"
#include "server/domain/limit.h"
#include "server/domain/reservation.h"
#include "server/store/postgres/row_reader.h"

namespace budget {

// The columns of each table in the order in which the functions below read
// them, each prefixed with the alias "x".
extern const char kAllocationColumns[];
extern const char kLimitColumns[];
extern const char kCounterColumns[];
extern const char kReservationColumns[];
extern const char kLedgerColumns[];

// Each reads its columns from where `row` stands. They throw like RowReader;
// ReadLimit throws InvariantBroken where a time zone is not installed.
Allocation ReadAllocation(RowReader& row);
Limit ReadLimit(RowReader& row);
StoredCounter ReadCounter(RowReader& row);
LedgerEntry ReadLedgerEntry(RowReader& row);

// nullopt where the row is not of the form of an entry, as only somebody else
// can have written it. Leaves `row` where it was.
std::optional<LedgerEntry> TryReadLedgerEntry(RowReader row);

// Without payload().allocations: these follow from the ids and the catalog.
Reservation ReadReservation(RowReader& row);

// Fills payload().allocations. Throws InvariantBroken if one is not in `catalog`.
void NameAllocations(const Catalog& catalog, Reservation& reservation);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_ROWS_H_
