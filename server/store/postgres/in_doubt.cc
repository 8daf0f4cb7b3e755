#include "server/store/postgres/in_doubt.h"

#include <algorithm>
#include <optional>
#include <string>

#include "server/base/uuid.h"
#include "server/store/postgres/columns.h"

namespace budget {
namespace {

// The number alone may be another's by now; so may the time be, while the clock
// stands still.
constexpr Statement kEntriesMissing = {
    "entries_missing",
    "SELECT e.sequence "
    "FROM unnest($1::text[], $2::bigint[], $3::timestamptz[], "
    "            $4::smallint[], $5::text[], $6::text[]) "
    "  AS e(root, sequence, at, kind, reservation, request) "
    "LEFT JOIN budget.ledger l "
    "  ON l.root = e.root AND l.sequence = e.sequence AND l.at = e.at "
    "  AND l.kind = e.kind "
    "  AND coalesce(l.reservation::text, '') = e.reservation "
    "  AND coalesce(l.request::text, '') = e.request "
    "WHERE l.sequence IS NULL LIMIT 1"};

std::string TextOf(const std::optional<Uuid>& id) {
  return id ? id->ToString() : "";
}

}  // namespace

bool HasEntries(const LoadedSets& loaded) {
  return std::any_of(loaded.sets.begin(), loaded.sets.end(),
                     [](const auto& set) { return !set->entries.empty(); });
}

void AskForEntries(const LoadedSets& loaded, Flight& flight) {
  Columns columns(6);
  for (const auto& set : loaded.sets) {
    for (const LedgerEntry& entry : set->entries) {
      columns.Row()
          .Text(set->root.name)
          .Int(entry.sequence)
          .Time(entry.at)
          .Int(static_cast<int>(entry.kind))
          .Text(TextOf(entry.reservation))
          .Text(TextOf(entry.request));
    }
  }
  flight.Add(kEntriesMissing, columns.Take());
}

bool AllThere(const Result& missing) { return missing.empty(); }

}  // namespace budget
