#include <algorithm>
#include <vector>

#include "tests/bench/batch_caller.h"
#include "tests/bench/open_loop.h"
#include "tests/bench/ratios.h"
#include "tests/bench/recovery.h"
#include "tests/bench/scenario.h"

namespace budget::bench {
namespace {

constexpr double kTimesPeak = 3;
constexpr double kAfterwards = 0.7;  // of the peak
constexpr absl::Duration kPatience = absl::Seconds(1);  // of each caller

// So large that offering three times of what is done costs client and server
// little beside doing it; of single calls gRPC alone could not carry as many.
constexpr int kOperations = 64;  // of each message
constexpr int kPeakOutstanding = 8;

struct Lengths {
  absl::Duration overload;
  absl::Duration afterwards;
};

Lengths LengthsOf(const Scale& scale) {
  if (scale.mode == Mode::kSmoke) return {absl::Seconds(1), absl::Seconds(1)};
  return {absl::Seconds(6), absl::Seconds(8)};
}

// The most that callers who wait for their answers get.
double PeakOf(Bench& bench, const Channels& channels, const Workload& hot) {
  return RunClosedLoop(
             channels,
             MakeBatchCallers(hot, {.operations = kOperations,
                                    .outstanding = kPeakOutstanding}),
             {.warm_up = bench.scale.warm_up,
              .duration = std::max(bench.scale.slice, absl::Seconds(1)),
              .stop = &bench.stop})
      .OperationsPerSecond();
}

absl::Status MeasureOverload(Bench& bench) {
  const auto channels = bench.stage.Replicas(kEmptyDatabase, 1);
  if (!channels.ok()) return channels.status();
  const Workload hot = bench.stage.Hot();
  const double peak = PeakOf(bench, *channels, hot);
  const double offered = kTimesPeak * peak;
  const Lengths lengths = LengthsOf(bench.scale);
  const PathPicker picker(hot);
  const OpenLoopResult open = RunOpenLoop(
      *channels,
      [&] {
        return MakeBatchCaller(picker, hot.paths[0].size(),
                               {.operations = kOperations});
      },
      {.phases = {{offered / kOperations, lengths.overload},
                  {kAfterwards * peak / kOperations, lengths.afterwards}},
       .warm_up = absl::ZeroDuration(),
       .timeout = kPatience,
       .stop = &bench.stop});
  const Recovery recovery =
      FindRecovery(open.ok_by_tenth, lengths.overload, kAfterwards * peak);
  const Counts& counts = open.load.counts;
  bench.figures.Add(
      names::kOverload, "goodput over peak",
      {.value = peak == 0 ? 0 : recovery.goodput / peak,
       .details = {{"peak", peak},
                   {"offered", offered},
                   {"goodput", recovery.goodput},
                   {"recovery_seconds", recovery.seconds},
                   {"settles_ok", counts.settles_ok},
                   {"settles_failed", counts.settles_failed}},
       .errors = counts.errors,
       .denied = counts.denied});
  return absl::OkStatus();
}

}  // namespace

std::vector<Scenario> OverloadScenarios(const Scale& scale) {
  return {{.name = names::kOverload,
           .run = &MeasureOverload,
           .rounds_max = scale.mode == Mode::kFull ? 3 : 1}};
}

}  // namespace budget::bench
