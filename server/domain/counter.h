#ifndef BUDGET_DOMAIN_COUNTER_H_
#define BUDGET_DOMAIN_COUNTER_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/limit.h"

namespace budget {

// The tally of one limit, in the limit's unit: for a lifetime or calendar
// limit of one window, for a rolling limit of all time.
struct Tally {
  int64_t spent = 0;     // rolling: of live buckets only
  int64_t reserved = 0;  // every open hold, however old
  int64_t overage = 0;   // rolling: of live buckets only
  int64_t unpriced = 0;  // calls; rolling: of live buckets only

  int64_t Usage() const { return spent + reserved; }
  friend bool operator==(const Tally&, const Tally&) = default;
};

// What was spent and is held in one bucket of a rolling limit.
struct Bucket {
  WindowKey number = 0;
  int64_t spent = 0;
  int64_t reserved = 0;  // open holds that were admitted in it
  int64_t overage = 0;
  int64_t unpriced = 0;

  bool IsEmpty() const {
    return spent == 0 && reserved == 0 && overage == 0 && unpriced == 0;
  }
  friend bool operator==(const Bucket&, const Bucket&) = default;
};

// A tally and, for a rolling limit, its buckets, oldest first: those that are
// live and not empty, and older ones that still have open holds. The fold of
// the ledger gives the same.
struct Counter {
  Tally tally;
  std::vector<Bucket> buckets;

  friend bool operator==(const Counter&, const Counter&) = default;
};

// Changes of one counter in its limit's unit.
struct CounterDelta {
  int64_t spent = 0;
  int64_t reserved = 0;
  int64_t overage = 0;
  int64_t unpriced = 0;
};

// Takes the spend of buckets that no longer count at `now` out of the tally.
// Does nothing for other windows than rolling.
void Age(const Limit& limit, absl::Time now, Counter& counter);

// Applies `delta`, made in `window` of the limit, to a counter aged to `now`.
// What belongs to a bucket that no longer counts leaves the tally unchanged,
// but for its holds.
void Apply(const Limit& limit, WindowKey window, const CounterDelta& delta,
           absl::Time now, Counter& counter);

// The key of the counter that `pin` moves: rolling limits have one for all
// buckets, with window 0.
Pin CounterKeyOf(const Limit& limit, WindowKey window);

}  // namespace budget

#endif  // BUDGET_DOMAIN_COUNTER_H_
