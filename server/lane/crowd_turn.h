#ifndef BUDGET_LANE_CROWD_TURN_H_
#define BUDGET_LANE_CROWD_TURN_H_

#include <deque>
#include <optional>

namespace budget {

// The turn that lanes take for batches of nobody but a crowd that gives way:
// one has it at a time, and between two of them it may rest. Not thread-safe.
class CrowdTurn {
 public:
  // A lane wants it; the lane that has it now, if that is new.
  std::optional<int> Ask(int lane);

  // The lane does not want it any more. False if it did not wait for it.
  bool Withdraw(int lane);

  // The lane has run a batch. True where the turn is neither another lane's nor
  // at rest: then say Rest, or Next.
  bool IsOver(int lane) const { return holder_ == kNone || holder_ == lane; }

  // Nobody has it until Next.
  void Rest() { holder_ = kResting; }

  // The lane that has it now, if any.
  std::optional<int> Next();

 private:
  // No lane.
  static constexpr int kNone = -1;
  static constexpr int kResting = -2;

  int holder_ = kNone;
  std::deque<int> waiting_;  // empty while nobody has it
};

}  // namespace budget

#endif  // BUDGET_LANE_CROWD_TURN_H_
