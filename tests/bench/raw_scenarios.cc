#include <algorithm>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "tests/bench/ratios.h"
#include "tests/bench/raw.h"
#include "tests/bench/scenario.h"

namespace budget::bench {
namespace {

constexpr int kOperationsPerSecondGuess = 20'000;
constexpr int kBatchesMax = 400;
constexpr int kTransactionMax = 512;  // operations, by default of budgetd
// One Settle and one Reserve: what a call must wait for that is all alone.
constexpr int kTransactionMin = 2;

// Recorded in the first round, on a copy of the pristine database.
absl::StatusOr<RawTape> Record(Bench& bench, int operations) {
  const std::string name = absl::StrCat("bench_raw_", operations);
  const absl::Status made = bench.stage.CopyDatabase(kPristineDatabase, name);
  if (!made.ok()) return made;
  const double seconds = absl::ToDoubleSeconds(bench.scale.slice);
  const int batches = static_cast<int>(
      kOperationsPerSecondGuess * seconds / operations);
  return RecordRaw(bench.stage.DatabaseAlone(),
                   {.directory = bench.stage.directory(),
                    .database = name,
                    .root = kHotPath,
                    .operations = operations,
                    .batches = std::clamp(batches, 10, kBatchesMax)});
}

absl::Status Play(Bench& bench, const std::string& figure,
                  const RawTape& raw) {
  constexpr char kPlayed[] = "bench_played";
  absl::Status status = bench.stage.CopyDatabase(kPristineDatabase, kPlayed);
  if (!status.ok()) return status;
  const auto speed =
      PlayRaw(bench.stage.DatabaseAlone(), kPlayed, kHotPath, raw);
  if (!speed.ok()) return speed.status();
  bench.figures.Add(figure, "operations/s", {.value = *speed});
  return absl::OkStatus();
}

Scenario Raw(int operations) {
  const std::string name = absl::StrCat(names::kRaw, "_", operations);
  auto tape = std::make_shared<RawTape>();
  return {.name = name, .run = [=](Bench& bench) -> absl::Status {
            if (tape->tape.empty()) {
              auto recorded = Record(bench, operations);
              if (!recorded.ok()) return recorded.status();
              *tape = *std::move(recorded);
            }
            return Play(bench, name, *tape);
          }};
}

}  // namespace

std::vector<Scenario> RawScenarios(const Scale& scale) {
  std::vector<int> sizes = scale.batches;
  sizes.push_back(kTransactionMin);
  sizes.push_back(kTransactionMax);
  std::vector<Scenario> scenarios;
  for (const int operations : sizes) scenarios.push_back(Raw(operations));
  return scenarios;
}

}  // namespace budget::bench
