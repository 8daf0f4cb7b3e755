#ifndef BUDGET_TESTS_CHAOS_WISHES_H_
#define BUDGET_TESTS_CHAOS_WISHES_H_

#include <cstdint>
#include <random>
#include <vector>

#include "tests/chaos/intent.h"

namespace budget::chaos {

// Makes up what a gateway wants, as its seed says. Not thread-safe.
class Wishes {
 public:
  explicit Wishes(uint64_t seed) : random_(seed) {}

  int64_t Between(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random_);
  }
  bool OneIn(int n) { return Between(1, n) == 1; }

  int AnyRoot();
  Intent NewReserve(int root);
  // A few of one root, or each of any.
  std::vector<Intent> NewReserves();
  // Usage that had no hold. Never of the pool.
  Intent NewUsage(int root);

  // How a reservation goes on, in order: now and then another hold or usage so
  // far, and what ends it. Empty: its gateway has died.
  std::vector<Intent> RestOf(const Intent& reserve);

 private:
  Intent AdjustmentOf(const Intent& reserve);
  Units UseOf(const Intent& reserve);
  Uuid NewId();

  std::mt19937_64 random_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_WISHES_H_
