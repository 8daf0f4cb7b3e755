#ifndef BUDGET_TESTS_SIM_RANDOM_H_
#define BUDGET_TESTS_SIM_RANDOM_H_

#include <cstdint>
#include <random>

#include "absl/time/time.h"

namespace budget::sim {

// All chance of one seed comes from one of these: the same seed draws the same
// on every platform. Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed * 0x9e3779b97f4a7c15 + 1) {}

  uint64_t Bits() { return engine_(); }
  // 0 to bound - 1.
  int64_t Below(int64_t bound) {
    return static_cast<int64_t>(engine_() % static_cast<uint64_t>(bound));
  }
  int64_t Between(int64_t least, int64_t most) {
    return least + Below(most - least + 1);
  }
  bool OneIn(int64_t n) { return Below(n) == 0; }
  // With a probability in ten thousandths.
  bool Chance(int64_t per_10000) { return Below(10'000) < per_10000; }
  absl::Duration Between(absl::Duration least, absl::Duration most) {
    return least + absl::Microseconds(
                       Below(absl::ToInt64Microseconds(most - least) + 1));
  }
  // Mostly much shorter than `most`.
  absl::Duration Mostly(absl::Duration most) {
    return absl::Microseconds(
        Below(Below(absl::ToInt64Microseconds(most)) + 1) + 1);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_RANDOM_H_
