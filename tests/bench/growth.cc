#include "tests/bench/growth.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/batch_caller.h"
#include "tests/bench/full_database.h"
#include "tests/bench/ratios.h"

namespace budget::bench {
namespace {

constexpr BatchLoad kLoad{.operations = 256, .outstanding = 4};
constexpr int kHotShare = 100;  // the hot root has one row in so many

// All rows of the ledger are shared evenly by the many roots.
Filling Many(const Scale& scale) {
  const int children = scale.full_allocations / scale.many - 1;
  const int rows = static_cast<int>(scale.ledger_rows / scale.many);
  return {.prefix = kManyPrefix,
          .children = children,
          .pairs = (rows - children) / 2};
}

// What the hot root has beside that: it is an old organisation too.
Filling Hot(const Scale& scale) {
  return {.prefix = kHotPath,
          .children = std::max(1, scale.full_allocations / kHotShare / 10),
          .pairs = static_cast<int>(scale.ledger_rows / kHotShare / 2)};
}

absl::Status VerifyFull(Stage& stage) {
  const auto channels = stage.Replicas(kFullDatabase, 1);
  if (!channels.ok()) return channels.status();
  for (const std::string& root : {std::string(kHotPath),
                                  stage.Uniform().paths.back()}) {
    const absl::Status status = VerifyBooks(stage.FirstEndpoint(), root);
    if (!status.ok()) {
      return absl::Status(status.code(), absl::StrCat("the full database: ",
                                                      status.message()));
    }
  }
  return absl::OkStatus();
}

// As the history of years is; a replica that still had it before it would be
// measured at that.
absl::Status SealFull(
    Stage& stage,
    const std::function<absl::Status(const std::string&)>& on_progress) {
  const auto channels = stage.Replicas(kFullDatabase, 1);
  if (!channels.ok()) return channels.status();
  return AwaitSeals(stage.database(), kFullDatabase, on_progress);
}

// Once on each of the many roots, or as much on the hot one.
void UseALittle(Stage& stage, const Channels& channels, Workload workload) {
  workload.order = Order::kInTurn;
  const int many = static_cast<int>(stage.Uniform().paths.size());
  const BatchLoad load{
      .operations = kLoad.operations,
      .outstanding = 1,
      .messages_max = std::max(1, many / (kLoad.operations / 2))};
  RunToTheEnd(channels, MakeBatchCallers(workload, load));
}

absl::Status UseEmptyALittle(Stage& stage) {
  const auto channels = stage.Replicas(kEmptyDatabase, 1);
  if (!channels.ok()) return channels.status();
  for (const Workload& workload : {stage.Uniform(), stage.Hot()}) {
    UseALittle(stage, *channels, workload);
  }
  stage.StopReplicas();
  return absl::OkStatus();
}

Scenario Loaded(const std::string& figure, const char* database,
                Workload (Stage::*workload)() const) {
  return {.name = figure,
          .run = [=](Bench& bench) -> absl::Status {
            const auto channels = bench.stage.Replicas(database, 1);
            if (!channels.ok()) return channels.status();
            const Workload load = (bench.stage.*workload)();
            // Catalogs of a new replica, and images of whole pages in the log
            // after a checkpoint, cost once whatever the size.
            UseALittle(bench.stage, *channels, load);
            return MeasureClosedLoop(bench, figure, *channels,
                                     MakeBatchCallers(load, kLoad));
          },
          .needs_full_database = true};
}

}  // namespace

absl::Status MakePristine(Stage& stage) {
  // PostgreSQL plans badly for what was empty when it was last analyzed.
  absl::Status status = UseEmptyALittle(stage);
  if (status.ok()) status = SettleDown(stage.database(), kEmptyDatabase);
  if (!status.ok()) return status;
  return stage.CopyDatabase(kEmptyDatabase, kPristineDatabase);
}

absl::Status BuildGrowthDatabases(
    Stage& stage, const Scale& scale,
    const std::function<absl::Status(const std::string&)>& on_progress) {
  stage.StopReplicas();
  Database& database = stage.database();
  for (const char* name : {kSmallDatabase, kFullDatabase}) {
    absl::Status made =
        on_progress(absl::StrCat("copying the database as ", name));
    if (made.ok()) made = stage.CopyDatabase(kPristineDatabase, name);
    if (!made.ok()) return made;
  }
  for (const Filling& filling : {Many(scale), Hot(scale)}) {
    const absl::Status status =
        FillDatabase(database, kFullDatabase, filling, on_progress);
    if (!status.ok()) return status;
  }
  absl::Status settled = on_progress("vacuuming the full database");
  if (settled.ok()) settled = SettleDown(database, kFullDatabase);
  if (!settled.ok()) return settled;
  settled = SealFull(stage, on_progress);
  if (settled.ok()) settled = on_progress("verifying the full database");
  return settled.ok() ? VerifyFull(stage) : settled;
}

std::vector<std::string> ChildPaths(const Scale& scale) {
  std::vector<std::string> paths;
  const int children = Many(scale).children;
  for (int root = 0; root < scale.many; ++root) {
    for (int child = 1; child <= children; ++child) {
      paths.push_back(
          absl::StrFormat("%s%05d/k%05d", kManyPrefix, root, child));
    }
  }
  return paths;
}

std::vector<Scenario> GrowthScenarios(const Scale&) {
  return {Loaded(names::kEmptyHot, kSmallDatabase, &Stage::Hot),
          Loaded(names::kEmptyUniform, kSmallDatabase, &Stage::Uniform),
          Loaded(names::kFullHot, kFullDatabase, &Stage::Hot),
          Loaded(names::kFullUniform, kFullDatabase, &Stage::Uniform)};
}

}  // namespace budget::bench
