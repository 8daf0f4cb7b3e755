#ifndef BUDGET_TESTS_CHAOS_REPLICAS_WELL_H_
#define BUDGET_TESTS_CHAOS_REPLICAS_WELL_H_

#include "absl/strings/string_view.h"
#include "tests/chaos/cluster.h"
#include "tests/chaos/verdicts.h"

namespace budget::chaos {

// Drains all replicas, and then checks how their processes have ended during
// the run and what their logs say.
void CheckReplicas(Cluster& cluster, Verdicts& verdicts);

// Checks that a process of `replica` did not end by itself, and with 0 where it
// was asked to.
void CheckEnd(absl::string_view replica, const ReplicaEnd& end,
              Verdicts& verdicts);

// Checks that no line of a log tells of an error: of an invariant that is
// broken, of counters that drift from the ledger, of what was acknowledged and
// is lost; and that it is one: a log without a line of budgetd's says nothing.
void CheckLog(absl::string_view replica, absl::string_view log,
              Verdicts& verdicts);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_REPLICAS_WELL_H_
