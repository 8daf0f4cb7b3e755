#include "absl/strings/str_cat.h"
#include "tests/bench/batch_caller.h"
#include "tests/bench/ratios.h"
#include "tests/bench/scenario.h"

namespace budget::bench {
namespace {

constexpr int kComparedOperations = 256;
// On their way at a time: about what waits before a lane refuses more.
constexpr int kOperationsMax = 4'000;

Scenario Batch(const std::string& figure, Workload (Stage::*workload)() const,
               const BatchLoad& load) {
  const std::string name = absl::StrCat(figure, "_", load.operations, "_x",
                                        load.outstanding);
  return {.name = name, .run = [=](Bench& bench) -> absl::Status {
            const auto channels = bench.stage.Replicas(kEmptyDatabase, 1);
            if (!channels.ok()) return channels.status();
            return MeasureClosedLoop(
                bench, name, *channels,
                MakeBatchCallers((bench.stage.*workload)(), load));
          }};
}

}  // namespace

std::vector<Scenario> BatchScenarios(const Scale& scale) {
  std::vector<Scenario> scenarios;
  for (const int outstanding : scale.outstanding) {
    for (const int operations : scale.batches) {
      if (operations * outstanding > kOperationsMax) continue;
      scenarios.push_back(Batch(
          names::kBatchHot, &Stage::Hot,
          {.operations = operations, .outstanding = outstanding}));
    }
    const BatchLoad load{.operations = kComparedOperations,
                         .outstanding = outstanding};
    scenarios.push_back(Batch(names::kBatchUniform, &Stage::Uniform, load));
    scenarios.push_back(Batch(names::kBatchZipf, &Stage::Zipf, load));
  }
  return scenarios;
}

}  // namespace budget::bench
