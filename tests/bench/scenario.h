#ifndef BUDGET_TESTS_BENCH_SCENARIO_H_
#define BUDGET_TESTS_BENCH_SCENARIO_H_

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/bench/figures.h"
#include "tests/bench/stage.h"

namespace budget::bench {

enum class Mode { kFull, kQuick, kSmoke };

// How much is measured, and for how long.
struct Scale {
  Mode mode = Mode::kFull;
  int rounds = 5;
  absl::Duration warm_up;
  absl::Duration slice;    // of each throughput figure in each round
  absl::Duration latency;  // of each latency figure in each round
  int many = 10'000;       // allocations of spread workloads
  std::vector<int> callers;         // of null and the hot allocation
  std::vector<int> callers_spread;  // of other unary workloads
  std::vector<int> batches;         // operations in a message
  std::vector<int> outstanding;     // messages
  int64_t ledger_rows = 0;  // of the full database
  int full_allocations = 0;
};

Scale ScaleOf(Mode mode);

// What scenarios measure with and on.
struct Bench {
  Stage& stage;
  const Scale& scale;
  Figures& figures;
  const std::atomic<bool>& stop;
};

// One thing that is measured.
struct Scenario {
  std::string name;  // for the progress bar
  std::function<absl::Status(Bench&)> run;
  int rounds_max = 1000;  // in so many of the last rounds
  bool needs_full_database = false;
};

// Whether `scenario` is measured in `round`, the first being 1.
bool IsDue(const Scenario& scenario, int round, int rounds);

// What is measured in `round`, in order. Every other round goes backwards, so
// that no figure always follows what makes it slow; the last goes forwards.
std::vector<Scenario> InRound(const std::vector<Scenario>& scenarios,
                              int round, int rounds);

// In an order that restarts servers seldom.
std::vector<Scenario> NullScenarios(const Scale& scale);
std::vector<Scenario> UnaryScenarios(const Scale& scale);
std::vector<Scenario> NaiveScenarios(const Scale& scale);
std::vector<Scenario> DomainScenarios(const Scale& scale);
std::vector<Scenario> LatencyScenarios(const Scale& scale);
std::vector<Scenario> BatchScenarios(const Scale& scale);
std::vector<Scenario> RawScenarios(const Scale& scale);
std::vector<Scenario> ReplicaScenarios(const Scale& scale);
std::vector<Scenario> GrowthScenarios(const Scale& scale);
std::vector<Scenario> OverloadScenarios(const Scale& scale);
std::vector<Scenario> MemoryScenarios(const Scale& scale);

// Runs a closed loop and adds it as `figure`, with the write-ahead log and the
// conflicts of the database that came with it.
absl::Status MeasureClosedLoop(Bench& bench, const std::string& figure,
                               const Channels& channels,
                               const Callers& callers);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_SCENARIO_H_
