#include "tests/bench/suite.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/bench/commit_time.h"
#include "tests/bench/growth.h"
#include "tests/bench/naive.h"
#include "tests/bench/steps.h"

namespace budget::bench {
namespace {

bool IsChosen(const std::string& only, const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(only, ',');
  return std::any_of(parts.begin(), parts.end(), [&](const auto& part) {
    return absl::StrContains(name, part);
  });
}

std::vector<Scenario> ScenariosOf(const SuiteOptions& options,
                                  const Scale& scale) {
  std::vector<Scenario> chosen;
  for (auto* group : {&DomainScenarios, &LatencyScenarios, &NullScenarios,
                      &UnaryScenarios, &BatchScenarios, &RawScenarios, &ReplicaScenarios,
                      &NaiveScenarios, &OverloadScenarios, &GrowthScenarios,
                      &MemoryScenarios}) {
    for (Scenario& scenario : (*group)(scale)) {
      if (IsChosen(options.only, scenario.name)) {
        chosen.push_back(std::move(scenario));
      }
    }
  }
  return chosen;
}

// Two to prepare, and what is measured in all rounds.
int CountSteps(const std::vector<Scenario>& scenarios, int rounds) {
  int steps = 2;
  for (const Scenario& scenario : scenarios) {
    steps += std::min(rounds, scenario.rounds_max);
  }
  return steps;
}

bool NeedFullDatabase(const std::vector<Scenario>& scenarios) {
  return std::any_of(scenarios.begin(), scenarios.end(),
                     [](const auto& s) { return s.needs_full_database; });
}

absl::Status MakeNaive(Stage& stage, const Scale& scale) {
  const auto made = stage.database().Run(
      "postgres", absl::StrCat("CREATE DATABASE ", kNaiveDatabase));
  if (!made.ok()) return made.status();
  const std::string uri = stage.database().Uri(kNaiveDatabase);
  const absl::Status status = CreateNaiveTables(uri, scale.many);
  return status.ok() ? CreateCommitTable(uri) : status;
}

}  // namespace

absl::Status RunSuite(const SuiteOptions& options,
                      const std::atomic<bool>& stop, Figures& figures) {
  const Scale scale = ScaleOf(options.mode);
  const std::vector<Scenario> scenarios = ScenariosOf(options, scale);
  Steps steps(CountSteps(scenarios, scale.rounds));
  steps.Begin("starting the database, creating allocations");
  auto stage = Stage::Build({.budgetd = options.budgetd,
                             .bench = options.bench,
                             .many = scale.many});
  if (!stage.ok()) return stage.status();
  const absl::Status made = MakeNaive(**stage, scale);
  if (!made.ok()) return made;
  steps.End();
  steps.Begin("using the database a little, for statistics");
  absl::Status grown = MakePristine(**stage);
  if (grown.ok() && NeedFullDatabase(scenarios)) {
    grown = BuildGrowthDatabases(**stage, scale, [&](const std::string& what) {
      steps.Begin(what);
      return stop.load() ? absl::CancelledError("interrupted")
                         : absl::OkStatus();
    });
  }
  if (!grown.ok()) return grown;
  steps.End();
  Bench bench{**stage, scale, figures, stop};
  std::map<std::string, absl::Status> failed;  // by scenario
  for (int round = 1; round <= scale.rounds; ++round) {
    for (const Scenario& scenario : InRound(scenarios, round, scale.rounds)) {
      if (failed.contains(scenario.name)) continue;
      steps.Begin(absl::StrCat("round ", round, ": ", scenario.name));
      const absl::Status status = scenario.run(bench);
      if (stop.load()) return absl::CancelledError("interrupted");
      if (!status.ok()) {
        failed[scenario.name] = absl::Status(
            status.code(), absl::StrCat(scenario.name, ": ", status.message()));
        steps.Tell(std::string(failed[scenario.name].message()));
        // What it measured with may be what broke.
        (*stage)->StopReplicas();
      }
      steps.End();
    }
  }
  return failed.empty() ? absl::OkStatus() : failed.begin()->second;
}

}  // namespace budget::bench
