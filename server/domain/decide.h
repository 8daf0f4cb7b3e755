#ifndef BUDGET_DOMAIN_DECIDE_H_
#define BUDGET_DOMAIN_DECIDE_H_

#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/domain/operation.h"
#include "server/domain/outcome.h"
#include "server/domain/working_set.h"

namespace budget {

struct DecideOptions {
  // Version 7 ids older than this are refused: their reservation may have
  // been archived, so they might be admitted twice.
  absl::Duration retention = absl::Hours(24 * 90);
};

// The heart of the product. Expires what is due, then runs `operations` in
// order against `set`, all of one root, at `now` (the database clock), and
// returns one outcome for each. Every change is made to `set`, with its ledger
// entries. Deterministic; no I/O. `set` was loaded by PlanFor(operations).
//
// Where the set says that more is due and an outcome may depend on it, it is
// marked `undecided`: all that is due is then to be ended first, and nothing of
// this kept.
//
// Replaying the same operations on a set that already holds their effects
// changes nothing and gives equal answers: this resolves callers' retries. Not
// so AdjustReservation: it has no id, and is decided by what it then finds.
std::vector<Outcome> Decide(absl::Span<const Operation* const> operations,
                            absl::Time now, const DecideOptions& options,
                            WorkingSet& set);

// Where every limit on the chain of `path` stands at `now`, root first, then
// by name. Expires what is due in `set`, as Decide would.
std::vector<LimitReading> ReadChain(absl::string_view path, absl::Time now,
                                    WorkingSet& set);

// Ends, in `set`, the open reservations whose TTL has passed at `now`, and
// appends their ledger entries. Decide and ReadChain begin with this.
void ExpireDue(absl::Time now, WorkingSet& set);

}  // namespace budget

#endif  // BUDGET_DOMAIN_DECIDE_H_
