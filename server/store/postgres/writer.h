#ifndef BUDGET_STORE_POSTGRES_WRITER_H_
#define BUDGET_STORE_POSTGRES_WRITER_H_

#include "server/store/postgres/loader.h"
#include "server/store/postgres/session.h"

namespace budget {

// Whether anything is to be written: changes, or until when nothing is due.
bool HasChanges(const LoadedSets& loaded);

// Writes what was changed in the sets, all roots in the same statements, and
// commits, all in one round trip. Throws as Session does; where a row to be
// changed is not there, nothing is committed and the failure is a broken
// invariant.
void WriteAndCommit(Session& session, const LoadedSets& loaded);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_WRITER_H_
