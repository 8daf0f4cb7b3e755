#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/naive.h"
#include "tests/bench/pair_caller.h"
#include "tests/bench/ratios.h"
#include "tests/bench/scenario.h"

namespace budget::bench {
namespace {

constexpr int kReplicaCallers = 128;
constexpr int kNaiveCallers = 32;

Scenario Unary(const std::string& figure, Workload (Stage::*workload)() const,
               int callers) {
  const std::string name = absl::StrCat(figure, "_", callers);
  return {.name = name, .run = [=](Bench& bench) -> absl::Status {
            const auto channels = bench.stage.Replicas(kEmptyDatabase, 1);
            if (!channels.ok()) return channels.status();
            return MeasureClosedLoop(
                bench, name, *channels,
                MakePairCallers((bench.stage.*workload)(), callers, 1));
          }};
}

Scenario Naive(const std::string& figure, NaiveLoad load) {
  load.callers = kNaiveCallers;
  return {.name = figure, .run = [=](Bench& bench) mutable -> absl::Status {
            load.warm_up = bench.scale.warm_up;
            load.duration = bench.scale.slice;
            const auto result = RunNaive(
                bench.stage.DatabaseAlone().Uri(kNaiveDatabase), load);
            if (!result.ok()) return result.status();
            Sample sample = SampleOf(result->load);
            sample.details["repeats_per_1000"] =
                result->load.counts.ok == 0
                    ? 0
                    : 1000.0 * static_cast<double>(result->conflicts) /
                          static_cast<double>(result->load.counts.ok);
            bench.figures.Add(figure, "operations/s", std::move(sample));
            return absl::OkStatus();
          }};
}

}  // namespace

std::vector<Scenario> NullScenarios(const Scale& scale) {
  std::vector<Scenario> scenarios;
  for (const int callers : scale.callers) {
    const std::string name = absl::StrCat(names::kNull, "_", callers);
    scenarios.push_back({.name = name, .run = [=](Bench& bench) {
                           return MeasureClosedLoop(
                               bench, name, bench.stage.Null(),
                               MakePairCallers(bench.stage.Hot(), callers, 1));
                         }});
  }
  return scenarios;
}

std::vector<Scenario> UnaryScenarios(const Scale& scale) {
  std::vector<Scenario> scenarios;
  for (const int callers : scale.callers) {
    scenarios.push_back(Unary(names::kHot, &Stage::Hot, callers));
  }
  for (const int callers : scale.callers_spread) {
    scenarios.push_back(Unary(names::kWide, &Stage::Wide, callers));
    scenarios.push_back(Unary(names::kTall, &Stage::Tall, callers));
    scenarios.push_back(Unary(names::kDeep, &Stage::Deep, callers));
    scenarios.push_back(Unary(names::kUniform, &Stage::Uniform, callers));
    scenarios.push_back(Unary(names::kZipf, &Stage::Zipf, callers));
    scenarios.push_back(Unary(names::kKeys, &Stage::Keys, callers));
  }
  return scenarios;
}

std::vector<Scenario> NaiveScenarios(const Scale& scale) {
  return {Naive(names::kNaiveHot, {}),
          // The same with other pauses, to show that they do not explain it.
          Naive(names::kNaiveHotAtOnce, {.pause = absl::ZeroDuration()}),
          Naive(names::kNaiveHotBackoff, {.pause_max = absl::Milliseconds(64)}),
          Naive(names::kNaiveUniform, {.accounts = scale.many})};
}

std::vector<Scenario> ReplicaScenarios(const Scale&) {
  std::vector<Scenario> scenarios;
  for (const int replicas : {1, 2, 4}) {
    const std::string name = absl::StrCat(names::kReplicas, "_", replicas);
    scenarios.push_back(
        {.name = name, .run = [=](Bench& bench) -> absl::Status {
           const auto channels =
               bench.stage.Replicas(kEmptyDatabase, replicas);
           if (!channels.ok()) return channels.status();
           return MeasureClosedLoop(
               bench, name, *channels,
               MakePairCallers(bench.stage.Hot(), kReplicaCallers, 1));
         }});
  }
  return scenarios;
}

}  // namespace budget::bench
