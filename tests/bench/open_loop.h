#ifndef BUDGET_TESTS_BENCH_OPEN_LOOP_H_
#define BUDGET_TESTS_BENCH_OPEN_LOOP_H_

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/arrivals.h"
#include "tests/bench/caller.h"
#include "tests/bench/closed_loop.h"
#include "tests/bench/load_result.h"

namespace budget::bench {

struct OpenLoopOptions {
  std::vector<Phase> phases;
  absl::Duration warm_up;  // arrivals before this are not counted
  absl::Duration timeout = absl::Seconds(20);  // of each call
  uint64_t seed = 1;
  // Ends the load early once it is true; null: never.
  const std::atomic<bool>* stop = nullptr;
};

struct OpenLoopResult {
  // Latency counts from when an operation was meant to be sent, so that a
  // server that stalls cannot hide the wait of those that came meanwhile.
  LoadResult load;
  // Operations answered OK in each tenth of a second since the start, warm-up
  // included, by the time of the answer.
  std::vector<int64_t> ok_by_tenth;
};

// Sends an operation at each arrival, whatever became of those before: by a
// caller that has been answered, or by a new one.
OpenLoopResult RunOpenLoop(
    const Channels& channels,
    const std::function<std::unique_ptr<Caller>()>& make_caller,
    const OpenLoopOptions& options);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_OPEN_LOOP_H_
