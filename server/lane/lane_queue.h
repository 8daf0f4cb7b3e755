#ifndef BUDGET_LANE_LANE_QUEUE_H_
#define BUDGET_LANE_LANE_QUEUE_H_

#include <cstddef>
#include <deque>
#include <vector>

#include "server/lane/submission.h"

namespace budget {

// What waits in one lane: two queues, of which the one that frees capacity
// goes first. Not thread-safe.
class LaneQueue {
 public:
  explicit LaneQueue(size_t operations_max)
      : operations_max_(operations_max) {}

  // False if the part finds the queue full. Parts that only free capacity find
  // room for twice as much.
  bool Push(Part part);

  // Takes the next batch: parts in order until they hold `operations_max`
  // operations or more.
  std::vector<Part> Pop(size_t operations_max);

  bool empty() const { return frees_.empty() && holds_.empty(); }

 private:
  const size_t operations_max_;
  size_t operations_ = 0;
  std::deque<Part> frees_;
  std::deque<Part> holds_;
};

}  // namespace budget

#endif  // BUDGET_LANE_LANE_QUEUE_H_
