#ifndef BUDGET_LANE_GATE_H_
#define BUDGET_LANE_GATE_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "server/lane/dispatcher.h"

namespace budget {

// What a submission takes up until it is answered.
struct Load {
  int64_t operations = 0;
  int64_t bytes = 0;
};

// Bounds what is inside a dispatcher, in each of the two kinds: a flood of one
// leaves the room of the other alone. Thread-safe, without a lock.
class Gate {
 public:
  // The most that may be inside, for each Effect.
  explicit Gate(const Load& bound) : bound_(bound) {}

  bool HasRoom(Effect effect) const;

  // What finds room enters, also where it takes up more than is left.
  bool Enter(Effect effect, const Load& load);
  void Leave(Effect effect, const Load& load);

 private:
  struct Inside {
    std::atomic<int64_t> operations{0};
    std::atomic<int64_t> bytes{0};
  };
  const Load bound_;
  std::array<Inside, 2> inside_;
};

}  // namespace budget

#endif  // BUDGET_LANE_GATE_H_
