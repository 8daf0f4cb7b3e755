#ifndef BUDGET_TESTS_BENCH_CLOSED_LOOP_H_
#define BUDGET_TESTS_BENCH_CLOSED_LOOP_H_

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "grpcpp/channel.h"
#include "tests/bench/caller.h"
#include "tests/bench/load_result.h"

namespace budget::bench {

using Channels = std::vector<std::shared_ptr<grpc::Channel>>;
using Callers = std::vector<std::unique_ptr<Caller>>;

struct ClosedLoopOptions {
  absl::Duration warm_up = absl::Milliseconds(300);
  absl::Duration duration = absl::Seconds(1);  // measured, after the warm-up
  absl::Duration timeout = absl::Seconds(20);  // of each call
  // Ends the load early once it is true; null: never.
  const std::atomic<bool>* stop = nullptr;
};

// Lets every caller send one message after another, spread over `channels`,
// and counts what is answered between the warm-up and the end. Returns when
// all callers are done and nothing is on its way.
LoadResult RunClosedLoop(const Channels& channels, const Callers& callers,
                         const ClosedLoopOptions& options);

// Lets every caller send until it has nothing more, and counts everything.
// Ends early once `stop` is true; null: never.
LoadResult RunToTheEnd(const Channels& channels, const Callers& callers,
                       const std::atomic<bool>* stop = nullptr);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_CLOSED_LOOP_H_
