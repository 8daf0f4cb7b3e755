#ifndef BUDGET_STORE_POSTGRES_HISTORY_H_
#define BUDGET_STORE_POSTGRES_HISTORY_H_

#include "absl/time/time.h"
#include "server/domain/load_plan.h"
#include "server/domain/working_set.h"
#include "server/store/postgres/session.h"

namespace budget {

// Whether a limit that is in force now may be gone when a later operation of
// the same plan sets it anew.
inline bool MayChangeTwice(const LoadPlan& plan) {
  return plan.requests.size() > 1;
}

// Fills set.histories for `need`, from the ledger, unless a limit of that name
// is in force and stays so. The catalog must have been loaded. Throws as
// Session does.
void LoadHistory(Session& session, const LoadPlan& plan,
                 const LoadPlan::HistoryNeed& need, absl::Time now,
                 WorkingSet& set);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_HISTORY_H_
