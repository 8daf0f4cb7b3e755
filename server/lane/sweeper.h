#ifndef BUDGET_LANE_SWEEPER_H_
#define BUDGET_LANE_SWEEPER_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/lane/dispatcher.h"

namespace budget {

// Ends reservations that are due, in every root that has some, waits until that
// is done and returns how many roots it was: where very many are due, each call
// ends some. Correctness never needs it: each operation decides expiry by
// itself; this only makes it visible and tidy. Safe on any number of replicas
// at once. Fails as the store does.
absl::StatusOr<int> SweepOnce(Store& store, Clock& clock,
                              Dispatcher& dispatcher);

// Again and again until nothing is due, but not for ever.
absl::Status SweepAll(Store& store, Clock& clock, Dispatcher& dispatcher);

}  // namespace budget

#endif  // BUDGET_LANE_SWEEPER_H_
