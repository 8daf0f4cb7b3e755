#ifndef BUDGET_LANE_LANE_H_
#define BUDGET_LANE_LANE_H_

#include <array>
#include <cstddef>

#include "absl/time/time.h"
#include "server/lane/line.h"
#include "server/lane/pace.h"
#include "server/lane/shares.h"
#include "server/lane/submission.h"

namespace budget {

struct LaneOptions {
  size_t batch_operations_max;
  size_t queue_operations_max;  // once for each Effect
  absl::Duration queue_wait_max;
};

// What waits in one lane, in two lines: that of callers who crowd (crowding.h)
// stands behind the other. Bounded by count and by the wait that is expected;
// each caller has an equal share of that room. Not thread-safe.
class Lane {
 public:
  explicit Lane(const LaneOptions& options);

  using Batch = LaneBatch;

  struct Admission {
    bool let_in;
    absl::Duration wait;  // until its batch begins, as far as can be foretold
    // It was refused, or is to wait for longer than queue_wait_max, and its
    // caller has its share of what waits here already.
    bool crowds;
  };

  // Takes `part` in, moving from it, or leaves it alone.
  Admission Push(Part& part, absl::Time now);

  // True if a batch may be taken now that was not announced before; then it
  // counts as under way.
  bool BecomesReady(absl::Time now);

  // That batch is of the crowd, and waits for its turn; it has it now, or
  // others are there. For these it is under way only from now on.
  void WaitForTurn() { pace_.Forget(); }
  void EndWait(absl::Time now) { pace_.Begin(now); }

  // Whether nobody waits but who crowds.
  bool HasOnlyCrowd() const { return others_.empty(); }

  // What the crowd may have of a batch in which nobody else is.
  enum class CrowdOnly { kFull, kSmall };

  // Until when to wait for the next batch to grow: the last deadline of what
  // waits; InfinitePast where the batch is full.
  absl::Time MayGrowUntil(absl::Time now,
                          CrowdOnly size = CrowdOnly::kFull) const;

  // Takes the next batch: parts in order until they hold batch_operations_max
  // operations or more. In one with others the crowd has a quarter as many as
  // they, at least one; and an eighth of a full one is left to it. An eighth is
  // also what a small batch of the crowd alone holds, and any where others were
  // served just now.
  Batch Pop(absl::Time now, CrowdOnly size = CrowdOnly::kFull);

  // The batch that was taken has ended.
  void Finish(absl::Time now);

 private:
  Line& LineOf(const Part& part) { return part.crowds ? crowd_ : others_; }
  Shares& SharesOf(Effect effect) {
    return shares_[static_cast<size_t>(effect)];
  }
  size_t WaitsFor(const Part& part);
  const Pace& PaceOf(const Part& part) const {
    return part.crowds ? crowd_pace_ : pace_;
  }
  absl::Duration WaitMax(const Part& part, size_t batches_ahead) const;
  size_t RoomOfOthers() const;
  size_t RoomOfCrowd(size_t others, absl::Time now, CrowdOnly size) const;

  LaneOptions options_;
  Line others_;
  Line crowd_;
  std::array<Shares, 2> shares_;  // of what waits, by Effect
  absl::Time others_served_ = absl::InfinitePast();
  Pace pace_;
  Pace crowd_pace_;  // waits for turns included
  bool busy_ = false;  // announced as ready, or its batch runs
};

}  // namespace budget

#endif  // BUDGET_LANE_LANE_H_
