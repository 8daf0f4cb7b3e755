#ifndef BUDGET_LANE_LINE_H_
#define BUDGET_LANE_LINE_H_

#include <cstddef>
#include <deque>
#include <vector>

#include "absl/time/time.h"
#include "server/lane/submission.h"

namespace budget {

// What a lane runs in one transaction.
struct LaneBatch {
  std::vector<Part> parts;  // in the order in which they run
  std::vector<Part> late;   // their deadline had passed
};

// Parts that wait for the batches of a lane: two queues, of which the one that
// only frees goes first but leaves a quarter of each batch to the other. Not
// thread-safe.
class Line {
 public:
  // Of a lane whose full batches have so many operations.
  explicit Line(size_t batch_operations_max);

  void Push(Part part);

  bool empty() const { return frees_.parts.empty() && holds_.parts.empty(); }
  size_t operations() const { return frees_.operations + holds_.operations; }
  size_t operations(Effect effect) const {
    return (effect == Effect::kHolds ? holds_ : frees_).operations;
  }

  // The latest deadline of what waits; InfinitePast where nothing does.
  absl::Time LatestDeadline() const;

  // How many batches it takes until so many operations that wait have been
  // taken.
  size_t BatchesFor(Effect effect, size_t operations) const;

  // Moves parts in order until they are `operations_max` operations or more,
  // and returns how many they are. What is late has no share in it.
  size_t Take(size_t operations_max, absl::Time now, LaneBatch& batch);

 private:
  struct Queue {
    std::deque<Part> parts;
    size_t operations = 0;
  };

  static size_t TakeFrom(Queue& queue, size_t operations_max, absl::Time now,
                         LaneBatch& batch);

  double batch_operations_max_;
  Queue frees_;
  Queue holds_;
  double room_for_holds_;     // operations of a batch, as a rule
  double owed_to_holds_ = 0;  // operations, while some wait
};

}  // namespace budget

#endif  // BUDGET_LANE_LINE_H_
