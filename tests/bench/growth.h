#ifndef BUDGET_TESTS_BENCH_GROWTH_H_
#define BUDGET_TESTS_BENCH_GROWTH_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "tests/bench/scenario.h"

namespace budget::bench {

// Uses the database a little and copies it as the pristine one, with the
// statistics of that use. Stops all replicas.
absl::Status MakePristine(Stage& stage);

// Makes the databases that are compared, of the same allocations: with nothing
// else in them, and as after years. Stops all replicas. Ends with the error
// that `on_progress` may answer.
absl::Status BuildGrowthDatabases(
    Stage& stage, const Scale& scale,
    const std::function<absl::Status(const std::string&)>& on_progress);

// The paths of all allocations below the many roots of the full database.
std::vector<std::string> ChildPaths(const Scale& scale);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_GROWTH_H_
