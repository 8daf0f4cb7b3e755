#include "server/lane/lane_queue.h"

#include <utility>

namespace budget {

bool LaneQueue::Push(Part part) {
  const size_t room = part.only_frees ? 2 * operations_max_ : operations_max_;
  if (operations_ >= room) return false;
  operations_ += part.indexes.size();
  (part.only_frees ? frees_ : holds_).push_back(std::move(part));
  return true;
}

std::vector<Part> LaneQueue::Pop(size_t operations_max) {
  std::vector<Part> batch;
  size_t taken = 0;
  for (std::deque<Part>* queue : {&frees_, &holds_}) {
    while (!queue->empty() && taken < operations_max) {
      taken += queue->front().indexes.size();
      batch.push_back(std::move(queue->front()));
      queue->pop_front();
    }
  }
  operations_ -= taken;
  return batch;
}

}  // namespace budget
