#ifndef BUDGET_TESTS_BENCH_NAIVE_H_
#define BUDGET_TESTS_BENCH_NAIVE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/load_result.h"

namespace budget::bench {

// What most people would write: tables of accounts, reservations and a ledger,
// and for each call one SERIALIZABLE transaction of its own that reads the
// account, compares, writes, and is repeated on conflicts until it succeeds.

// Makes the tables, with `accounts` accounts, in the database at `uri`.
absl::Status CreateNaiveTables(const std::string& uri, int accounts);

struct NaiveLoad {
  int callers = 32;  // threads, each with a connection of its own
  int accounts = 1;  // spread evenly over so many
  // Before a repeat: up to `pause`, by chance, doubled each time up to
  // `pause_max`.
  absl::Duration pause = absl::Milliseconds(1);
  absl::Duration pause_max = absl::Milliseconds(1);
  absl::Duration warm_up = absl::Milliseconds(300);
  absl::Duration duration = absl::Seconds(1);
};

struct NaiveResult {
  LoadResult load;        // operations: a reserve or a settle
  int64_t conflicts = 0;  // transactions that had to be repeated
};

absl::StatusOr<NaiveResult> RunNaive(const std::string& uri,
                                     const NaiveLoad& load);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_NAIVE_H_
