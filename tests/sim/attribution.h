#ifndef BUDGET_TESTS_SIM_ATTRIBUTION_H_
#define BUDGET_TESTS_SIM_ATTRIBUTION_H_

#include <optional>

#include "server/domain/ledger_entry.h"
#include "server/domain/operation.h"
#include "server/domain/outcome.h"
#include "tests/sim/ledger_audit.h"

namespace budget::sim {

// Which ledger entries and which calls belong together.

// The reservation that the operation names; nullopt if none.
std::optional<Uuid> ReservationOf(const Operation& operation);

// Whether `entry` is what the operation leaves in the ledger.
bool IsOf(const LedgerEntry& entry, const Operation& operation);

// Whether the ledger has what an OK answer says: the entry that made it, and
// figures that the reservation has been through. nullopt where an OK answer
// need not leave anything.
std::optional<bool> HasRow(const LedgerAudit& ledger,
                           const Operation& operation, const Outcome& outcome);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_ATTRIBUTION_H_
