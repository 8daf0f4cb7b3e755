#ifndef BUDGET_STORE_POSTGRES_IN_DOUBT_H_
#define BUDGET_STORE_POSTGRES_IN_DOUBT_H_

#include "server/store/postgres/flight.h"
#include "server/store/postgres/loader.h"
#include "server/store/postgres/result.h"
#include "server/store/postgres/session.h"

namespace budget {

// What became of a transaction whose commit is in doubt. Its entries tell,
// which are all there or none: so it needs to have some, and its lane must be
// locked, for only then has it surely ended.

// Whether `loaded`, with what was decided, has any.
bool HasEntries(const LoadedSets& loaded);

// Adds the question which of its entries are not in the ledger. `session` is to
// take the flight.
void AskForEntries(const Session& session, const LoadedSets& loaded,
                   Flight& flight);

// Of the answer to that.
bool AllThere(const Result& missing);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_IN_DOUBT_H_
