#include "tests/bench/scenario.h"

#include <algorithm>

namespace budget::bench {

Scale ScaleOf(Mode mode) {
  switch (mode) {
    case Mode::kSmoke:
      return {.mode = mode,
              .rounds = 1,
              .warm_up = absl::Milliseconds(100),
              .slice = absl::Milliseconds(200),
              .latency = absl::Milliseconds(500),
              .many = 200,
              .callers = {8, 32},
              .callers_spread = {32},
              .batches = {256},
              .outstanding = {2},
              .ledger_rows = 20'000,
              .full_allocations = 2'000};
    case Mode::kQuick:
      return {.mode = mode,
              .rounds = 3,
              .warm_up = absl::Milliseconds(300),
              .slice = absl::Milliseconds(1200),
              .latency = absl::Seconds(2),
              .many = 10'000,
              .callers = {1, 8, 32, 128, 512},
              .callers_spread = {32, 128},
              .batches = {16, 64, 256, 1000},
              .outstanding = {2, 8},
              .ledger_rows = 1'000'000,
              .full_allocations = 100'000};
    case Mode::kFull:
      break;
  }
  return {.mode = Mode::kFull,
          .rounds = 5,
          .warm_up = absl::Seconds(1),
          .slice = absl::Seconds(4),
          .latency = absl::Seconds(15),
          .many = 10'000,
          .callers = {1, 8, 32, 128, 512},
          .callers_spread = {1, 8, 32, 128, 512},
          .batches = {16, 64, 256, 1000},
          .outstanding = {1, 2, 4, 8},
          .ledger_rows = 10'000'000,
          .full_allocations = 1'000'000};
}

bool IsDue(const Scenario& scenario, int round, int rounds) {
  return round > rounds - scenario.rounds_max;
}

std::vector<Scenario> InRound(const std::vector<Scenario>& scenarios,
                              int round, int rounds) {
  std::vector<Scenario> due;
  for (const Scenario& scenario : scenarios) {
    if (IsDue(scenario, round, rounds)) due.push_back(scenario);
  }
  if ((rounds - round) % 2 == 1) std::reverse(due.begin(), due.end());
  return due;
}

absl::Status MeasureClosedLoop(Bench& bench, const std::string& figure,
                               const Channels& channels,
                               const Callers& callers) {
  const Database& database = bench.stage.database();
  const absl::StatusOr<int64_t> wal_before = database.WalBytes();
  if (!wal_before.ok()) return wal_before.status();
  const int64_t disk_before = database.DiskBytes();
  const int64_t conflicts_before = database.Conflicts();
  const LoadResult result =
      RunClosedLoop(channels, callers,
                    {.warm_up = bench.scale.warm_up,
                     .duration = bench.scale.slice,
                     .stop = &bench.stop});
  if (bench.stop.load()) return absl::CancelledError("interrupted");
  const absl::StatusOr<int64_t> wal_after = database.WalBytes();
  if (!wal_after.ok()) return wal_after.status();
  Sample sample = SampleOf(result);
  const double all = static_cast<double>(
      std::max<int64_t>(1, result.counts.ok + result.operations_outside));
  sample.details["wal_bytes_per_operation"] =
      static_cast<double>(*wal_after - *wal_before) / all;
  sample.details["disk_bytes_per_operation"] =
      static_cast<double>(database.DiskBytes() - disk_before) / all;
  sample.details["serialization_failures_per_1000"] =
      static_cast<double>(database.Conflicts() - conflicts_before) * 1000 / all;
  bench.figures.Add(figure, "operations/s", std::move(sample));
  return absl::OkStatus();
}

}  // namespace budget::bench
