#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "tests/bench/open_loop.h"
#include "tests/bench/pair_caller.h"
#include "tests/bench/ratios.h"
#include "tests/bench/recovery.h"
#include "tests/bench/scenario.h"

namespace budget::bench {
namespace {

constexpr int kPeakCallers = 128;
constexpr double kTimesPeak = 3;
// Of what gRPC alone can carry here, client and server together: past that
// neither has the time to answer, whatever the server does.
constexpr double kShareOfNull = 0.7;
constexpr double kAfterwards = 0.7;  // of the peak
constexpr absl::Duration kPatience = absl::Seconds(1);  // of each caller

struct Lengths {
  absl::Duration overload;
  absl::Duration afterwards;
};

Lengths LengthsOf(const Scale& scale) {
  if (scale.mode == Mode::kSmoke) return {absl::Seconds(1), absl::Seconds(1)};
  return {absl::Seconds(6), absl::Seconds(8)};
}

double PeakOf(Bench& bench, const Channels& channels, const Workload& hot) {
  return RunClosedLoop(
             channels, MakePairCallers(hot, kPeakCallers, 1),
             {.warm_up = bench.scale.warm_up,
              .duration = std::max(bench.scale.slice, absl::Seconds(1)),
              .stop = &bench.stop})
      .OperationsPerSecond();
}

absl::Status MeasureOverload(Bench& bench) {
  const auto channels = bench.stage.Replicas(kEmptyDatabase, 1);
  if (!channels.ok()) return channels.status();
  const Workload hot = bench.stage.Hot();
  const double null = PeakOf(bench, bench.stage.Null(), hot);
  const double peak = PeakOf(bench, *channels, hot);
  const double offered = std::min(kTimesPeak * peak, kShareOfNull * null);
  const Lengths lengths = LengthsOf(bench.scale);
  const PathPicker picker(hot);
  const OpenLoopResult open = RunOpenLoop(
      *channels, [&] { return MakePairCaller(picker, hot.paths[0].size()); },
      {.phases = {{offered, lengths.overload},
                  {kAfterwards * peak, lengths.afterwards}},
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
                   {"offered_over_peak", peak == 0 ? 0 : offered / peak},
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
