#include "server/lane/crowd_turn.h"

namespace budget {

std::optional<int> CrowdTurn::Ask(int lane) {
  waiting_.push_back(lane);
  return holder_ == kNone ? Next() : std::nullopt;
}

bool CrowdTurn::Withdraw(int lane) { return std::erase(waiting_, lane) > 0; }

std::optional<int> CrowdTurn::Next() {
  holder_ = kNone;
  if (waiting_.empty()) return std::nullopt;
  holder_ = waiting_.front();
  waiting_.pop_front();
  return holder_;
}

}  // namespace budget
