#ifndef BUDGET_LANE_SWEEPER_H_
#define BUDGET_LANE_SWEEPER_H_

#include "absl/status/status.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/lane/dispatcher.h"

namespace budget {

// Ends what is due, pass after pass until nothing is, but not for ever, and
// waits for it: of very many that are due, a pass ends a part. Correctness never
// needs it: each operation decides expiry by itself; this only makes it visible
// and tidy. Safe on any number of replicas at once. A root that fails is left
// out of the further passes, and the status says why it failed.
absl::Status SweepAll(Store& store, Clock& clock, Dispatcher& dispatcher);

}  // namespace budget

#endif  // BUDGET_LANE_SWEEPER_H_
