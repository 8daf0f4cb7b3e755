#include "server/lane/gate.h"

namespace budget {

bool Gate::HasRoom(Effect effect) const {
  const Inside& inside = inside_[static_cast<size_t>(effect)];
  return inside.operations.load(std::memory_order_relaxed) <
             bound_.operations &&
         inside.bytes.load(std::memory_order_relaxed) < bound_.bytes;
}

bool Gate::Enter(Effect effect, const Load& load) {
  if (!HasRoom(effect)) return false;
  Inside& inside = inside_[static_cast<size_t>(effect)];
  inside.operations.fetch_add(load.operations, std::memory_order_relaxed);
  inside.bytes.fetch_add(load.bytes, std::memory_order_relaxed);
  return true;
}

void Gate::Leave(Effect effect, const Load& load) {
  Inside& inside = inside_[static_cast<size_t>(effect)];
  inside.operations.fetch_sub(load.operations, std::memory_order_relaxed);
  inside.bytes.fetch_sub(load.bytes, std::memory_order_relaxed);
}

}  // namespace budget
