#include "tests/bench/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/ratios.h"

namespace budget::bench {
namespace {

using Json = nlohmann::ordered_json;

std::string NameOf(Mode mode) {
  switch (mode) {
    case Mode::kFull:
      return "full";
    case Mode::kQuick:
      return "quick";
    case Mode::kSmoke:
      return "smoke";
  }
  return "";
}

// Three digits that matter, but no figure behind the point of large numbers.
std::string Short(double value) {
  return value >= 100 ? absl::StrFormat("%.0f", value)
                      : absl::StrFormat("%.3g", value);
}

std::string Spread(const Summary& summary) {
  return absl::StrCat(Short(summary.min), " to ", Short(summary.max));
}

std::string RatioLine(const Ratio& ratio) {
  if (!ratio.measured()) {
    return absl::StrFormat("%-26s %10s  %-18s %-8s %s\n", ratio.name, "-", "",
                           ToText(ratio.comparison, ratio.goal),
                           "not measured");
  }
  return absl::StrFormat("%-26s %10s  %-18s %-8s %s\n", ratio.name,
                         Short(ratio.summary().median),
                         Spread(ratio.summary()),
                         ToText(ratio.comparison, ratio.goal),
                         ratio.met() ? "met" : "NOT MET");
}

int64_t ErrorsOf(const Figure& figure) {
  int64_t errors = 0;
  for (const Sample& sample : figure.samples) {
    for (const auto& [code, count] : sample.errors) errors += count;
  }
  return errors;
}

std::string FigureLine(const std::string& name, const Figure& figure) {
  std::vector<double> values;
  std::vector<double> p99;
  for (const Sample& sample : figure.samples) {
    values.push_back(sample.value);
    const auto at = sample.details.find("p99_ms");
    if (at != sample.details.end()) p99.push_back(at->second);
  }
  const Summary summary = Summarize(values);
  std::string line =
      absl::StrFormat("%-26s %10s  %-18s %-14s", name, Short(summary.median),
                      Spread(summary), figure.unit);
  if (!p99.empty()) {
    absl::StrAppend(&line, " p99 ", Short(Median(p99)), " ms");
  }
  const int64_t errors = ErrorsOf(figure);
  if (errors != 0) absl::StrAppend(&line, "  ", errors, " ERRORS");
  return line + "\n";
}

Json ToJson(const Sample& sample) {
  Json json = {{"value", sample.value}};
  for (const auto& [name, value] : sample.details) json[name] = value;
  json["denied"] = sample.denied;
  json["errors"] = sample.errors;
  return json;
}

Json ToJson(const Figure& figure) {
  std::vector<double> values;
  Json samples = Json::array();
  for (const Sample& sample : figure.samples) {
    values.push_back(sample.value);
    samples.push_back(ToJson(sample));
  }
  const Summary summary = Summarize(values);
  return {{"unit", figure.unit},     {"median", summary.median},
          {"min", summary.min},      {"max", summary.max},
          {"errors", ErrorsOf(figure)}, {"samples", samples}};
}

void AddRatio(const Ratio& ratio, Json& json) {
  const Summary summary = ratio.summary();
  json["ratios"][ratio.name] =
      ratio.measured() ? Json(summary.median) : Json(nullptr);
  json["goals"][ratio.name] = {
      {"goal", ToText(ratio.comparison, ratio.goal)},
      {"met", ratio.measured() ? Json(ratio.met()) : Json(nullptr)}};
  json["spread"][ratio.name] = {
      {"min", summary.min}, {"max", summary.max}, {"rounds", ratio.rounds}};
}

// Calls that failed at whatever number of replicas on one hot root; negative if
// that was not measured. Conflicts between them are theirs to repeat.
int64_t FailuresAtReplicas(const Figures& figures) {
  int64_t failures = -1;
  for (const auto& [name, figure] : figures.all()) {
    if (!absl::StartsWith(name, names::kReplicas + "_")) continue;
    failures = std::max<int64_t>(failures, 0) + ErrorsOf(figure);
  }
  return failures;
}

// Beside `figures`, for it is a goal of its own.
void AddReplicas(const Figures& figures, Json& json) {
  const int64_t failures = FailuresAtReplicas(figures);
  if (failures < 0) return;
  json["replicas"] = {{"failed_calls", failures},
                      {"failed_calls_goal", "<= 0"},
                      {"met", failures == 0}};
}

std::string ReplicasLine(const Figures& figures) {
  const int64_t failures = FailuresAtReplicas(figures);
  if (failures < 0) return "";
  return absl::StrFormat("%-26s %10d  %-18s %-8s %s\n",
                         "replicas: failed calls", failures, "", "<= 0",
                         failures == 0 ? "met" : "NOT MET");
}

// How the server bore overloads, of all rounds.
struct OverloadSummary {
  explicit OverloadSummary(const Figures& figures)
      : goodput(figures.Values(names::kOverload)) {
    for (const double seconds :
         figures.Details(names::kOverload, "recovery_seconds")) {
      if (recovery < 0) break;
      recovery = seconds < 0 ? seconds : std::max(recovery, seconds);
    }
    settles_ok = Median(figures.Details(names::kOverload, "settles_ok"));
    settles_failed =
        Median(figures.Details(names::kOverload, "settles_failed"));
  }

  bool recovers() const { return recovery >= 0 && recovery <= 5; }
  double settles_served() const {
    return settles_ok / std::max(1.0, settles_ok + settles_failed);
  }

  std::vector<double> goodput;
  double recovery = 0;  // of the worst round; negative: it never recovered
  double settles_ok = 0;
  double settles_failed = 0;
};

// Beside `figures`, for it is a goal of its own.
void AddOverload(const Figures& figures, Json& json) {
  const OverloadSummary overload(figures);
  const std::vector<double>& goodput = overload.goodput;
  if (goodput.empty()) return;
  json["overload"] = {
      {"goodput_over_peak", Median(goodput)},
      {"goodput_goal", ">= 0.8"},
      {"recovery_seconds", overload.recovery},
      {"recovery_goal", "<= 5"},
      {"settles_ok", overload.settles_ok},
      {"settles_failed", overload.settles_failed},
      {"settles_served", overload.settles_served()},
      {"settles_served_goal", ">= 0.99"},
      {"met", Median(goodput) >= 0.8 && overload.recovers() &&
                  overload.settles_served() >= 0.99}};
}

std::string OverloadLines(const Figures& figures) {
  const OverloadSummary overload(figures);
  const std::vector<double>& goodput = overload.goodput;
  if (goodput.empty()) return "";
  const double served = overload.settles_served();
  return absl::StrFormat(
      "%-26s %10s  %-18s %-8s %s\n%-26s %10s  %-18s %-8s %s\n"
      "%-26s %10s  %-18s %-8s %s\n",
      "overload: goodput/peak", Short(Median(goodput)),
      Spread(Summarize(goodput)), ">= 0.8",
      Median(goodput) >= 0.8 ? "met" : "NOT MET", "overload: recovery, s",
      overload.recovery < 0 ? "never" : Short(overload.recovery), "", "<= 5",
      overload.recovers() ? "met" : "NOT MET", "overload: settles served",
      Short(served), "", ">= 0.99", served >= 0.99 ? "met" : "NOT MET");
}

}  // namespace

std::string ToText(const Report& report) {
  std::string text = absl::StrFormat("%-26s %10s  %-18s %-8s\n", "ratio",
                                     "median", "spread", "goal");
  for (const Ratio& ratio : ComputeRatios(report.figures)) {
    text += RatioLine(ratio);
  }
  text += ReplicasLine(report.figures);
  text += OverloadLines(report.figures);
  text += absl::StrFormat("\n%-26s %10s  %-18s\n", "figure", "median",
                          "spread");
  for (const auto& [name, figure] : report.figures.all()) {
    text += FigureLine(name, figure);
  }
  return text;
}

std::string ToJson(const Report& report) {
  Json json = {{"mode", NameOf(report.mode)},
               {"complete", report.complete},
               {"ratios", Json::object()},
               {"goals", Json::object()},
               {"spread", Json::object()}};
  for (const Ratio& ratio : ComputeRatios(report.figures)) {
    AddRatio(ratio, json);
  }
  json["machine"] = report.machine;
  for (const auto& [name, figure] : report.figures.all()) {
    json["figures"][name] = ToJson(figure);
  }
  AddReplicas(report.figures, json);
  AddOverload(report.figures, json);
  return json.dump(2) + "\n";
}

}  // namespace budget::bench
