#include "tests/sim/events.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace budget::sim {

bool Events::Later(const Event& a, const Event& b) {
  return std::tie(a.at, a.order, a.number) > std::tie(b.at, b.order, b.number);
}

void Events::After(absl::Duration delay, Action action) {
  heap_.push_back({.at = now_ + delay,
                   .order = random_.Bits(),
                   .number = ++scheduled_,
                   .action = std::move(action)});
  std::push_heap(heap_.begin(), heap_.end(), Later);
}

bool Events::RunNext() {
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), Later);
  Event event = std::move(heap_.back());
  heap_.pop_back();
  now_ = event.at;
  ++step_;
  event.action();
  return true;
}

}  // namespace budget::sim
