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

// What a null server does with the bytes that come and go.
enum class NullKind {
  kBytes,     // nothing
  kMessages,  // decodes each request and encodes each answer, as any service
};

// Serves Reserve and Settle with the answers in `directory`, whatever is
// asked, on a free loopback port that it writes to `port_file`. Configured as
// budgetd is, and touches nothing else. Returns at SIGTERM.
absl::Status ServeNull(NullKind kind, const std::string& directory,
                       const std::string& port_file);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_NULL_SERVER_H_
