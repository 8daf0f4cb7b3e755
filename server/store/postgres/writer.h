#ifndef BUDGET_STORE_POSTGRES_WRITER_H_
#define BUDGET_STORE_POSTGRES_WRITER_H_

#include "server/store/postgres/loader.h"
#include "server/store/postgres/session.h"

namespace budget {

// Whether any of the sets was changed.
bool HasChanges(const LoadedSets& loaded);

// Writes what `decide` changed in the sets, all roots in the same statements.
// Throws as Session does, and InvariantBroken where a row to be changed is not
// there.
void Write(Session& session, const LoadedSets& loaded);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_WRITER_H_
