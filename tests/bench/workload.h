#ifndef BUDGET_TESTS_BENCH_WORKLOAD_H_
#define BUDGET_TESTS_BENCH_WORKLOAD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace budget::bench {

// How a load goes over its allocations.
enum class Order {
  kByChance,
  kInTurn,  // the first, the second and so on, and again from the first
};

// Which allocations the operations of a load go to.
struct Workload {
  std::string name;
  std::vector<std::string> paths;  // all of one length
  // The n-th path is chosen in proportion to n^-exponent; 0: all alike.
  double zipf_exponent = 0;
  Order order = Order::kByChance;
};

// One allocation, which takes every operation.
Workload OneAllocation(absl::string_view name, absl::string_view path);

// `prefix` followed by 00000, 00001 and so on.
Workload ManyAllocations(absl::string_view name, absl::string_view prefix,
                         int count);

// Chooses paths of a workload, the same ones for the same seed. Shares the
// table of odds with its copies. Not thread-safe.
class PathPicker {
 public:
  explicit PathPicker(const Workload& workload);

  // A picker with a seed of its own.
  PathPicker WithSeed(uint64_t seed) const;

  const std::string& Next();

 private:
  struct Table {
    std::vector<std::string> paths;
    std::vector<double> cumulative;  // odds up to and with each; empty: alike
    Order order = Order::kByChance;
  };

  std::shared_ptr<const Table> table_;
  uint64_t state_ = 0;
  uint64_t turn_ = 0;
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_WORKLOAD_H_
