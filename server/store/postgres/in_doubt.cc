#include "server/store/postgres/in_doubt.h"

#include <algorithm>

#include "server/store/postgres/row_array.h"
#include "server/store/postgres/write_rows.h"
#include "server/store/postgres/write_statements.h"

namespace budget {
namespace {

// The number alone may be another's by now, and while the clock stands still
// only the amounts need differ: so each entry is compared in full.
constexpr Statement kEntriesMissing = {
    "entries_missing",
    "SELECT e.sequence FROM unnest($1::budget.ledger_row[]) AS e "
    "WHERE NOT EXISTS ("
    "  SELECT FROM budget.ledger AS l "
    "  WHERE l.root = e.root AND l.sequence = e.sequence "
    "    AND ROW(l.root, l.sequence, l.at, l.kind, l.reservation, "
    "      l.allocations, l.admitted_at, l.pin_limits, l.pin_windows, "
    "      l.spent_usd_nanos, l.spent_tokens, l.spent_requests, "
    "      l.reserved_usd_nanos, l.reserved_tokens, l.reserved_requests, "
    "      l.overage_usd_nanos, l.overage_tokens, l.overage_requests, "
    "      l.unpriced, l.cap_limits, l.cap_values, l.actor, l.request, "
    "      l.detail)::budget.ledger_row = e) "
    "LIMIT 1"};

}  // namespace

bool HasEntries(const LoadedSets& loaded) {
  return std::any_of(loaded.sets.begin(), loaded.sets.end(),
                     [](const auto& set) { return !set->entries.empty(); });
}

void AskForEntries(const Session& session, const LoadedSets& loaded,
                   Flight& flight) {
  RowArray entries(kLedgerRow);
  for (const auto& set : loaded.sets) {
    for (const LedgerEntry& entry : set->entries) {
      PutEntry(set->root.name, entry, entries);
    }
  }
  flight.Add(kEntriesMissing, {session.Take(entries)});
}

bool AllThere(const Result& missing) { return missing.empty(); }

}  // namespace budget
