#ifndef BUDGET_TESTS_STORE_HAND_MADE_H_
#define BUDGET_TESTS_STORE_HAND_MADE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/base/uuid.h"
#include "server/domain/working_set.h"

// Changes made by hand, without the engine: stores are tested by themselves.
namespace budget::testing {

// A version 7 id of `n`, dated `at`, or when the tests began.
Uuid IdOf(int n);
Uuid IdOf(int n, absl::Time at);

// Appends a numbered and dated entry that moves nothing yet.
LedgerEntry& AddEntry(WorkingSet& set, absl::Time now,
                      EntryKind kind = EntryKind::kUpdateAllocation);

// Adds an allocation with an entry. The parent is not looked for.
const Allocation& AddAllocation(WorkingSet& set, const std::string& path,
                                absl::Time now);

// Adds a limit to an allocation that is in the set, with an entry.
const Limit& AddLimit(WorkingSet& set, const std::string& path, LimitSpec spec,
                      absl::Time now);

// Changes the cap of a limit that is in the set, without an entry.
void SetCap(WorkingSet& set, LimitId id, std::optional<int64_t> cap);

LimitSpec LifetimeUsd(const std::string& name, std::optional<int64_t> cap);

// Moves the counter of `pin`, as `entry` would.
void Move(WorkingSet& set, const Pin& pin, const CounterDelta& delta,
          absl::Time now);

// Holds `usd_nanos` on every limit of `path` that is in the set, as a new
// reservation with an entry.
Reservation& AddHold(WorkingSet& set, const Uuid& id, const std::string& path,
                     int64_t usd_nanos, absl::Time now,
                     absl::Duration ttl = absl::Minutes(10));

// Settles a hold in full with `usd_nanos`, at most what is held.
void SettleHold(WorkingSet& set, const Uuid& id, int64_t usd_nanos,
                absl::Time now);

}  // namespace budget::testing

#endif  // BUDGET_TESTS_STORE_HAND_MADE_H_
