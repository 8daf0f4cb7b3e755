#include "tests/chaos/report.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

int FaultsTotal(const Log& log) {
  int total = 0;
  for (const auto& [name, times] : log.faults) total += times;
  return total;
}

constexpr absl::Duration kTelling = absl::Minutes(3);
// What a run must have had: the short one of CI, and one of an hour.
struct Size {
  int64_t faults;
  int64_t operations;
};
constexpr Size kShort = {30, 50'000};
constexpr Size kLong = {300, 1'000'000};
constexpr absl::Duration kLongRun = absl::Minutes(60);

double SecondsOf(absl::Duration duration) {
  return absl::ToDoubleSeconds(duration);
}

std::string FaultTable(const Log& log) {
  std::string text =
      absl::StrFormat("\n%-28s %6s  slowest recovery\n", "fault", "times");
  for (const auto& [name, times] : log.faults) {
    absl::StrAppendFormat(&text, "%-28s %6d  %.2f s\n", name, times,
                          SecondsOf(log.slowest_recovery.at(name)));
  }
  for (const auto& [name, why] : log.not_done) {
    absl::StrAppend(&text, "not done: ", name, ": ", why, "\n");
  }
  return text;
}

std::string AnswerTable(const std::map<std::string, int64_t>& answers) {
  std::string text = absl::StrFormat("\n%-44s %12s\n", "answer", "calls");
  for (const auto& [answer, calls] : answers) {
    absl::StrAppendFormat(&text, "%-44s %12d\n", answer, calls);
  }
  return text;
}

std::string InvariantTable(const Verdicts& verdicts) {
  std::string text =
      absl::StrFormat("\n%-28s %12s %10s\n", "invariant", "checks", "violated");
  for (Invariant invariant : AllInvariants()) {
    absl::StrAppendFormat(&text, "%-28s %12d %10d\n", NameOf(invariant),
                          verdicts.checks(invariant),
                          verdicts.violations(invariant));
  }
  for (Invariant invariant : AllInvariants()) {
    for (const std::string& example : verdicts.examples(invariant)) {
      absl::StrAppend(&text, NameOf(invariant), ": ", example, "\n");
    }
  }
  return text;
}

// But those that cannot be made here.
std::vector<std::string> FaultsMissing(const RunOptions& options,
                                       const Log& log) {
  std::vector<std::string> missing;
  for (const Fault& fault : FaultsOf(options)) {
    const auto times = log.faults.find(fault.name);
    const bool happened = times != log.faults.end() && times->second > 0;
    if (happened || log.not_done.contains(fault.name)) continue;
    missing.push_back(absl::StrCat(fault.name, ": never happened"));
  }
  return missing;
}

void AddNeverChecked(const Verdicts& verdicts,
                     std::vector<std::string>& missing) {
  for (const Invariant invariant : AllInvariants()) {
    if (invariant == Invariant::kRetriesSuffice) continue;  // of upgrades
    if (verdicts.checks(invariant) != 0) continue;
    missing.push_back(absl::StrCat(NameOf(invariant), ": never checked"));
  }
}

void AddNotLookedAt(const RunResult& result,
                    std::vector<std::string>& missing) {
  if (result.online_checks == 0) {
    missing.push_back("the online audit: nothing was checked");
  }
  for (int root = 0; root < kRoots; ++root) {
    const std::string name = RootName(root);
    if (result.online_roots.contains(name)) continue;
    missing.push_back(
        absl::StrCat("the online audit: ", name, " was not looked at"));
  }
}

void AddTooFew(absl::string_view what, int64_t count, int64_t least,
               std::vector<std::string>& missing) {
  if (count >= least) return;
  missing.push_back(
      absl::StrCat(count, " ", what, ", which is less than ", least));
}

}  // namespace

std::string ToText(const RunOptions& options, const RunResult& result) {
  return absl::StrCat(
      FaultTable(result.log), AnswerTable(result.answers),
      InvariantTable(result.verdicts), "\n",
      result.operations, " operations, ", result.entries, " ledger entries, ",
      FaultsTotal(result.log), " faults, ", result.unknown_resolved,
      " unknown outcomes resolved (", result.unknown_had_happened,
      " holds had happened), ", result.unknown_left, " left; seed ",
      options.seed, "\n",
      result.stopped_by.empty() ? "" : "Stopped by " + result.stopped_by + "\n",
      result.verdicts.violations_total() == 0 ? "Every invariant held.\n"
                                              : "INVARIANTS WERE VIOLATED.\n");
}

std::string ToJson(const RunOptions& options, const RunResult& result) {
  nlohmann::ordered_json json;
  json["seed"] = options.seed;
  json["minutes"] = absl::ToDoubleMinutes(options.length);
  json["operations"] = result.operations;
  json["ledger_entries"] = result.entries;
  json["faults_total"] = FaultsTotal(result.log);
  json["faults"] = result.log.faults;
  for (const auto& [name, slowest] : result.log.slowest_recovery) {
    json["slowest_recovery_seconds"][name] = SecondsOf(slowest);
  }
  json["answers"] = result.answers;
  json["not_done"] = result.log.not_done;
  for (Invariant invariant : AllInvariants()) {
    const std::string name(NameOf(invariant));
    json["violations"][name] = result.verdicts.violations(invariant);
    json["checks"][name] = result.verdicts.checks(invariant);
    if (result.verdicts.examples(invariant).empty()) continue;
    json["examples"][name] = result.verdicts.examples(invariant);
  }
  for (const Verdicts::UnderFault& under : result.verdicts.by_fault()) {
    auto& of_fault = json["by_fault"][under.fault];
    for (Invariant invariant : AllInvariants()) {
      const Verdicts::Tally& tally = under.Of(invariant);
      const std::string name(NameOf(invariant));
      of_fault["checks"][name] = tally.checks;
      of_fault["violations"][name] = tally.violations;
    }
  }
  json["violations_total"] = result.verdicts.violations_total();
  json["unknown_resolved"] = result.unknown_resolved;
  json["unknown_had_happened"] = result.unknown_had_happened;
  json["stopped_by"] = result.stopped_by;
  json["unknown_left"] = result.unknown_left;
  json["online_checks"] = result.online_checks;
  return json.dump(2) + "\n";
}

std::vector<std::string> NotShown(const RunOptions& options,
                                  const RunResult& result) {
  if (options.upgrade) return {};
  std::vector<std::string> missing = FaultsMissing(options, result.log);
  AddNotLookedAt(result, missing);
  if (options.length < kTelling) return missing;
  AddNeverChecked(result.verdicts, missing);
  if (!options.only.empty()) return missing;
  for (const auto& [name, why] : result.log.not_done) {
    missing.push_back(absl::StrCat(name, ": ", why));
  }
  const Size& least = options.length < kLongRun ? kShort : kLong;
  AddTooFew("faults", FaultsTotal(result.log), least.faults, missing);
  AddTooFew("operations", result.operations, least.operations, missing);
  return missing;
}

}  // namespace budget::chaos
