#include <cstdint>

#include "server/domain/store.h"

namespace budget {

// FNV-1a, for it is the same everywhere; absl::Hash differs in each process.
int LaneOf(absl::string_view root, int lanes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : root) {
    hash ^= static_cast<uint8_t>(c);
    hash *= 0x100000001b3;
  }
  return static_cast<int>((hash ^ hash >> 32) % static_cast<uint64_t>(lanes));
}

}  // namespace budget
