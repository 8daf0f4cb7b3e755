#ifndef BUDGET_TESTS_BENCH_ALLOCATIONS_H_
#define BUDGET_TESTS_BENCH_ALLOCATIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "budget/v1/budget_admin.pb.h"
#include "tests/bench/closed_loop.h"

namespace budget::bench {

// What says that an allocation was made by budget-bench.
inline constexpr char kMadeByLabel[] = "made-by";
inline constexpr char kMadeBy[] = "budget-bench";

// An allocation that is never exhausted, with one USD limit for its life.
v1::Allocation FlatAllocation(const std::string& path);

// The same without any limit.
v1::Allocation UnlimitedAllocation(const std::string& path);

// The same with three limits: USD for its life, tokens by the calendar month,
// requests by the rolling hour.
v1::Allocation ThreeLimitsAllocation(const std::string& path);

// Creates them, parents first. Those of one depth are created side by side.
absl::Status CreateAllocations(const Channels& channels,
                               const std::vector<v1::Allocation>& allocations);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_ALLOCATIONS_H_
