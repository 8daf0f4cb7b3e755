#ifndef BUDGET_LANE_SWEEPER_H_
#define BUDGET_LANE_SWEEPER_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/lane/dispatcher.h"

namespace budget {

// Ends the reservations that are due, in every root that has some, and waits
// until it is done. Correctness never needs it: each operation decides expiry
// by itself; this only makes it visible and tidy. Safe on any number of
// replicas at once. Fails as the store does.
absl::Status SweepOnce(Store& store, Clock& clock, Dispatcher& dispatcher);

}  // namespace budget

#endif  // BUDGET_LANE_SWEEPER_H_
