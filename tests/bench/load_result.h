#ifndef BUDGET_TESTS_BENCH_LOAD_RESULT_H_
#define BUDGET_TESTS_BENCH_LOAD_RESULT_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/support/status.h"
#include "tests/bench/histogram.h"

namespace budget::bench {

// What became of operations.
struct Counts {
  int64_t ok = 0;
  int64_t settles_ok = 0;      // of ok
  int64_t settles_failed = 0;  // for now: they are repeated
  int64_t denied = 0;          // by a budget
  std::map<std::string, int64_t> errors;  // by the name of the gRPC code

  void CountStatus(const grpc::Status& status);
  void CountFailure(int code);
  int64_t ErrorsTotal() const;
  int64_t Shed() const;  // by a server that has no room
  void Add(const Counts& other);
};

// What a load measured, warm-up left out.
struct LoadResult {
  absl::Duration duration;
  Counts counts;
  int64_t operations_outside = 0;  // done in warm-up and wind-down
  Histogram latency;               // of messages

  double OperationsPerSecond() const {
    return static_cast<double>(counts.ok) / absl::ToDoubleSeconds(duration);
  }
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_LOAD_RESULT_H_
