#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/bench/batch_caller.h"
#include "tests/bench/growth.h"
#include "tests/bench/ratios.h"
#include "tests/bench/scenario.h"

namespace budget::bench {
namespace {

constexpr int kCallers = 4;
constexpr int kMessageOperations = 1000;
constexpr double kAllocationsOfGoal = 1e6;

double ResidentMb(pid_t process) {
  std::ifstream status(absl::StrCat("/proc/", process, "/status"));
  for (std::string line; std::getline(status, line);) {
    if (!absl::StartsWith(line, "VmRSS:")) continue;
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    double kib = 0;
    if (words.size() > 1 && absl::SimpleAtod(words[1], &kib)) {
      return kib / 1024;
    }
  }
  return 0;
}

// Reserves and settles once on each of `paths`.
Counts Touch(const Bench& bench, const Channels& channels,
             const std::vector<std::string>& paths) {
  Callers callers;
  const size_t share = (paths.size() + kCallers - 1) / kCallers;
  for (size_t begin = 0; begin < paths.size(); begin += share) {
    const size_t end = std::min(paths.size(), begin + share);
    Workload slice{.name = "touch",
                   .paths = {paths.begin() + begin, paths.begin() + end},
                   .order = Order::kInTurn};
    const int messages = static_cast<int>(
        (end - begin + kMessageOperations / 2 - 1) / (kMessageOperations / 2));
    for (auto& caller : MakeBatchCallers(
             slice, {.operations = kMessageOperations, .outstanding = 1,
                     .messages_max = messages})) {
      callers.push_back(std::move(caller));
    }
  }
  return RunToTheEnd(channels, callers, &bench.stop).counts;
}

// Fewer say nothing of a million: what a process takes to begin with prevails.
constexpr size_t kTouchedMin = 10'000;

// Where fewer than a million could be touched, what the second half added is
// taken to go on.
double AtAMillion(double half_mb, double all_mb, double touched) {
  const double each = std::max(0.0, (all_mb - half_mb) / (touched / 2));
  return all_mb + each * std::max(0.0, kAllocationsOfGoal - touched);
}

absl::Status MeasureMemory(Bench& bench) {
  const std::vector<std::string> paths = ChildPaths(bench.scale);
  if (paths.size() < kTouchedMin) return absl::OkStatus();
  bench.stage.StopReplicas();
  const auto channels = bench.stage.Replicas(kFullDatabase, 1);
  if (!channels.ok()) return channels.status();
  const pid_t replica = bench.stage.ReplicaProcesses()[0];
  const double idle_mb = ResidentMb(replica);
  const size_t half = paths.size() / 2;
  Counts counts = Touch(bench, *channels, {paths.begin(), paths.begin() + half});
  const double half_mb = ResidentMb(replica);
  counts.Add(Touch(bench, *channels, {paths.begin() + half, paths.end()}));
  const double all_mb = ResidentMb(replica);
  const auto touched = static_cast<double>(paths.size());
  bench.figures.Add(names::kMemory, "MB",
                    {.value = AtAMillion(half_mb, all_mb, touched),
                     .details = {{"idle_mb", idle_mb},
                                 {"half_touched_mb", half_mb},
                                 {"all_touched_mb", all_mb},
                                 {"allocations_touched", touched},
                                 {"operations", counts.ok}},
                     .errors = counts.errors,
                     .denied = counts.denied});
  // What is measured next must not wait for all that is still to be written.
  return bench.stage.database().Run(kFullDatabase, "CHECKPOINT").status();
}

}  // namespace

std::vector<Scenario> MemoryScenarios(const Scale&) {
  return {{.name = names::kMemory,
           .run = &MeasureMemory,
           // It leaves a million reservations to be sealed and vacuumed, which
           // no figure is to be measured beside.
           .rounds_max = 1,
           .needs_full_database = true}};
}

}  // namespace budget::bench
