#ifndef BUDGET_TESTS_BENCH_COMMIT_TIME_H_
#define BUDGET_TESTS_BENCH_COMMIT_TIME_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/arrivals.h"
#include "tests/bench/histogram.h"

namespace budget::bench {

// Makes the one-row table that MeasureCommits updates.
absl::Status CreateCommitTable(const std::string& uri);

// How long updates of one row in autocommit take, one after another over one
// plain connection, at the arrivals of `phase`: as seldom as the operations
// that they are compared with, so that idling affects both alike.
absl::StatusOr<Histogram> MeasureCommits(const std::string& uri,
                                         const Phase& phase);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_COMMIT_TIME_H_
