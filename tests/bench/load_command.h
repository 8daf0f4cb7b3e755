#ifndef BUDGET_TESTS_BENCH_LOAD_COMMAND_H_
#define BUDGET_TESTS_BENCH_LOAD_COMMAND_H_

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "budget/security.h"

namespace budget::bench {

struct LoadOptions {
  std::vector<std::string> endpoints;  // "host:port"
  Security security;
  int callers = 32;                    // of a closed loop
  int rate = 0;                        // operations/s; 0: closed loop
  int batch = 0;                       // operations in a message; 0: unary
  std::string allocation;              // empty: one of its own
  int allocations = 1;                 // more than 1: that many below it
  absl::Duration duration = absl::Seconds(10);
  absl::Duration timeout = absl::Seconds(2);
  bool json = false;
};

// Puts load on servers that somebody else runs, and returns a table or JSON.
// Makes the allocations it needs; FAILED_PRECONDITION for one that exists and
// was not made by budget-bench. Shows progress on standard error; ends early
// once `stop` is true.
absl::StatusOr<std::string> RunLoad(const LoadOptions& options,
                                    const std::atomic<bool>& stop);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_LOAD_COMMAND_H_
