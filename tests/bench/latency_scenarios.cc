#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/commit_time.h"
#include "tests/bench/open_loop.h"
#include "tests/bench/pair_caller.h"
#include "tests/bench/ratios.h"
#include "tests/bench/scenario.h"

namespace budget::bench {
namespace {

constexpr int kRates[] = {500, 2'000, 5'000};
constexpr int kSlowRate = 500;
// One in a thousand of fewer says little.
constexpr double kSamplesOfFull = 10'000;

// Of what is measured of `rate`.
absl::Duration LengthOf(const Scale& scale, int rate) {
  if (scale.mode != Mode::kFull) return scale.latency;
  return std::max(scale.latency, absl::Seconds(kSamplesOfFull / rate));
}

absl::Status MeasureOpenLoop(Bench& bench, const std::string& figure,
                             const Channels& channels, int rate) {
  const Workload hot = bench.stage.Hot();
  const PathPicker picker(hot);
  const OpenLoopResult result = RunOpenLoop(
      channels,
      [&] { return MakePairCaller(picker, hot.paths[0].size()); },
      {.phases = {{static_cast<double>(rate),
                   bench.scale.warm_up + LengthOf(bench.scale, rate)}},
       .warm_up = bench.scale.warm_up,
       // Each round meets other arrivals, the same ones in all figures.
       .seed = bench.figures.Values(figure).size() + 1,
       .stop = &bench.stop});
  if (bench.stop.load()) return absl::CancelledError("interrupted");
  Sample sample = SampleOf(result.load);
  sample.details["operations_per_second"] = sample.value;
  sample.details["max_ms"] =
      absl::ToDoubleMilliseconds(result.load.latency.Max());
  sample.value = sample.details["p50_ms"];
  bench.figures.Add(figure, "ms, median", std::move(sample));
  return absl::OkStatus();
}

Scenario Null(int rate) {
  const std::string name = absl::StrCat(names::kNullLatency, "_", rate);
  return {.name = name, .run = [=](Bench& bench) {
            return MeasureOpenLoop(bench, name, bench.stage.Null(), rate);
          }};
}

Scenario Hot(int rate) {
  const std::string name = absl::StrCat(names::kLatency, "_", rate);
  return {.name = name, .run = [=](Bench& bench) -> absl::Status {
            const auto channels = bench.stage.Replicas(kEmptyDatabase, 1);
            if (!channels.ok()) return channels.status();
            return MeasureOpenLoop(bench, name, *channels, rate);
          }};
}

absl::Status MeasureCommit(Bench& bench) {
  const auto commits =
      MeasureCommits(bench.stage.DatabaseAlone().Uri(kNaiveDatabase),
                     {kSlowRate, bench.scale.latency / 2});
  if (!commits.ok()) return commits.status();
  const auto milliseconds = [&](double percent) {
    return absl::ToDoubleMilliseconds(commits->Percentile(percent));
  };
  bench.figures.Add(names::kCommit, "ms, median",
                    {.value = milliseconds(50),
                     .details = {{"p99_ms", milliseconds(99)},
                                 {"p99_9_ms", milliseconds(99.9)}}});
  return absl::OkStatus();
}

}  // namespace

std::vector<Scenario> LatencyScenarios(const Scale&) {
  std::vector<Scenario> scenarios;
  scenarios.push_back({.name = names::kCommit, .run = &MeasureCommit});
  for (const int rate : kRates) scenarios.push_back(Null(rate));
  for (const int rate : kRates) scenarios.push_back(Hot(rate));
  return scenarios;
}

}  // namespace budget::bench
