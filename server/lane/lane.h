#ifndef BUDGET_LANE_LANE_H_
#define BUDGET_LANE_LANE_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "server/lane/pace.h"
#include "server/lane/submission.h"
#include "server/lane/turn_queue.h"

namespace budget {

struct LaneOptions {
  size_t batch_operations_max;
  size_t queue_operations_max;  // once for each Effect
  absl::Duration queue_wait_max;
};

// What waits in one lane: two queues, of which the one that only frees goes
// first but leaves a quarter of each batch to the other. Callers are served in
// turn in both. Both are bounded by count and by the wait that is expected; who
// has little in one does not wait for who has much. Not thread-safe.
class Lane {
 public:
  explicit Lane(const LaneOptions& options);

  struct Batch {
    std::vector<Part> parts;  // in the order in which they run
    std::vector<Part> late;   // their deadline had passed
  };

  // Takes `part` in, moving from it. Otherwise leaves it alone and gives the
  // wait that it would have had, or the longest allowed if that is more.
  std::optional<absl::Duration> Push(Part& part, absl::Time now);

  // Takes in what only frees of `part`, which Push has refused, as a part of its
  // own of the submission; the rest stays. False, without any effect, if there
  // is none of that, or no room for it.
  bool PushWhatFrees(Part& part, absl::Time now);

  // True if a batch may be taken now that was not announced before; then it
  // counts as under way.
  bool BecomesReady(absl::Time now);

  // Until when to wait for the next batch to grow: the last deadline of what it
  // would hold now; InfinitePast where it is full.
  absl::Time MayGrowUntil() const;

  // Takes the next batch: parts in order until they hold batch_operations_max
  // operations or more. What is late has no share in it.
  Batch Pop(absl::Time now);

  // The batch that was taken has ended.
  void Finish(absl::Time now);

  // Whether the caller of `part` has as much in its queue as it would if all
  // who wait there had the same, or more.
  bool HasItsShare(const Part& part) const;

 private:
  using PartQueue = TurnQueue<Part>;  // by operations

  const PartQueue& QueueOf(Effect effect) const {
    return effect == Effect::kHolds ? holds_ : frees_;
  }
  size_t BatchesAhead(const Part& part) const;
  absl::Duration WaitMax(Effect effect, size_t batches_ahead) const;
  // Returns how many operations it took into the batch.
  static size_t Take(PartQueue& queue, size_t operations_max, absl::Time now,
                     Batch& batch);

  LaneOptions options_;
  PartQueue frees_;
  PartQueue holds_;
  Pace pace_;
  double room_for_holds_;     // operations of a batch, as a rule
  double owed_to_holds_ = 0;  // operations, while some wait
  bool busy_ = false;  // announced as ready, or its batch runs
};

}  // namespace budget

#endif  // BUDGET_LANE_LANE_H_
