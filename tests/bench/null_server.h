#ifndef BUDGET_TESTS_BENCH_NULL_SERVER_H_
#define BUDGET_TESTS_BENCH_NULL_SERVER_H_

#include <string>

#include "absl/status/status.h"

namespace budget::bench {

// What a null server answers: encoded answers of a real one.
struct CannedAnswers {
  std::string reserve;
  std::string settle;
};

absl::Status WriteAnswers(const CannedAnswers& answers,
                          const std::string& directory);

// Serves Reserve and Settle with the answers in `directory`, whatever is
// asked, on a free loopback port that it writes to `port_file`. Configured as
// budgetd is, and touches nothing. Returns at SIGTERM.
absl::Status ServeNull(const std::string& directory,
                       const std::string& port_file);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_NULL_SERVER_H_
