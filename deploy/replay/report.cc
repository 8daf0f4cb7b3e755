#include "deploy/replay/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/ctl/amount_text.h"

namespace budget::replay {
namespace {

using Json = nlohmann::ordered_json;

double Millis(absl::Duration duration) {
  return absl::ToDoubleMilliseconds(duration);
}

Json LatencyJson(const std::vector<absl::Duration>& values) {
  return {{"p50", Millis(Percentile(values, 50))},
          {"p95", Millis(Percentile(values, 95))},
          {"p99", Millis(Percentile(values, 99))},
          {"max", Millis(Percentile(values, 100))}};
}

Json LimitJson(const LimitSeries& series) {
  return {{"allocation", series.allocation},
          {"limit", series.limit},
          {"unit", UnitWord(series.unit) == "usd" ? "usd_nanos"
                                                  : std::string(UnitWord(series.unit))},
          {"window", series.window},
          {"cap", series.cap},
          {"peak_spent_and_reserved", series.peak},
          {"spent_at_end", series.points.empty() ? 0 : series.points.back().spent},
          {"overage", series.overage}};
}

std::string LatencyText(const char* name,
                        const std::vector<absl::Duration>& values) {
  return absl::StrFormat("  %-8s p50 %6.1f ms   p95 %6.1f ms   p99 %6.1f ms\n",
                         name, Millis(Percentile(values, 50)),
                         Millis(Percentile(values, 95)),
                         Millis(Percentile(values, 99)));
}

std::string LimitText(const LimitSeries& series) {
  const int64_t spent = series.points.empty() ? 0 : series.points.back().spent;
  const double share =
      series.cap > 0 ? 100.0 * static_cast<double>(series.peak) /
                           static_cast<double>(series.cap)
                     : 0.0;
  return absl::StrFormat(
      "  %-22s %-7s %-13s %22s %22s %6.1f %%\n", series.allocation, series.limit,
      series.window, FormatAmount(series.unit, spent),
      FormatAmount(series.unit, series.cap), share);
}

std::string CallsText(const Report& report) {
  const ReplayResult& r = report.replay;
  std::string text = absl::StrFormat(
      "\nCalls         %d in %.1f s (%.0f a second)\n"
      "  admitted    %d\n  denied      %d\n",
      r.calls, absl::ToDoubleSeconds(r.wall),
      static_cast<double>(r.calls) / std::max(0.001, absl::ToDoubleSeconds(r.wall)),
      r.admitted, r.denied);
  for (const auto& [limit, count] : r.denied_by_limit) {
    absl::StrAppendFormat(&text, "    %7d   by %s\n", count, limit);
  }
  absl::StrAppendFormat(
      &text,
      "  settled     %d\n  released    %d (never dispatched)\n"
      "  crashed     %d (never settled)\n  expired     %d (holds ended by TTL)\n"
      "  repeated    %d (same id again: held once)\n",
      r.settled, r.released, r.crashed, report.audit.expired, r.repeated);
  if (r.failed > 0) absl::StrAppendFormat(&text, "  failed      %d\n", r.failed);
  for (const auto& [failure, count] : r.failures) {
    absl::StrAppendFormat(&text, "    %7d   %s\n", count, failure);
  }
  return text;
}

}  // namespace

absl::Duration Percentile(std::vector<absl::Duration> values, double percent) {
  if (values.empty()) return absl::ZeroDuration();
  const size_t at = std::min(
      values.size() - 1,
      static_cast<size_t>(static_cast<double>(values.size()) * percent / 100));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[at];
}

std::vector<std::string> Report::Violations() const {
  std::vector<std::string> all = replay.violations;
  all.insert(all.end(), audit.violations.begin(), audit.violations.end());
  for (const auto& [id, tokens] : replay.settled_tokens) {
    const auto it = audit.booked_tokens.find(id);
    const int64_t booked = it == audit.booked_tokens.end() ? 0 : it->second;
    if (booked != tokens) {
      all.push_back(absl::StrCat("reservation ", id, " was settled for ",
                                 tokens, " tokens, the ledger has ", booked));
    }
  }
  all.insert(all.end(), verify_discrepancies.begin(),
             verify_discrepancies.end());
  return all;
}

std::string ToJson(const Report& report) {
  const ReplayResult& r = report.replay;
  const std::vector<std::string> violations = report.Violations();
  Json json = {
      {"trace", report.trace},
      {"bad_lines", report.bad_lines},
      {"calls", r.calls},
      {"admitted", r.admitted},
      {"denied", r.denied},
      {"denied_by_limit", r.denied_by_limit},
      {"settled", r.settled},
      {"released", r.released},
      {"crashed", r.crashed},
      {"expired", report.audit.expired},
      {"repeated_under_one_id", r.repeated},
      {"failed", r.failed},
      {"failures", r.failures},
      {"retries", r.transport_retries},
      {"replicas", report.replicas},
      {"replicas_killed", report.replicas_killed},
      {"replicas_restarted", report.replicas_restarted},
      {"wall_seconds", absl::ToDoubleSeconds(r.wall)},
      {"reserve_latency_ms", LatencyJson(r.reserve_latencies)},
      {"settle_latency_ms", LatencyJson(r.settle_latencies)},
      {"ledger_entries", report.audit.entries},
      {"prefixes_checked", report.audit.prefixes_checked},
      {"invariant_violations", violations.size()},
      {"violations", violations},
      {"verify_ok", report.verify_ok},
      {"interrupted", report.interrupted},
  };
  for (const LimitSeries& series : report.audit.limits) {
    json["limits"].push_back(LimitJson(series));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ToText(const Report& report) {
  const ReplayResult& r = report.replay;
  std::string text = CallsText(report);
  absl::StrAppend(&text, "\nLatency, as the gateways saw it\n",
                  LatencyText("Reserve", r.reserve_latencies),
                  LatencyText("Settle", r.settle_latencies));
  absl::StrAppendFormat(
      &text,
      "\nReplicas      %d started, %d killed, %d started again; %d calls were "
      "retried\n",
      report.replicas, report.replicas_killed, report.replicas_restarted,
      r.transport_retries);
  absl::StrAppendFormat(&text, "\n%-24s %-7s %-13s %22s %22s %8s\n", "Allocation",
                        "  limit", "  window", "spent at the end", "cap",
                        "peak");
  for (const LimitSeries& series : report.audit.limits) {
    text += LimitText(series);
  }
  absl::StrAppendFormat(
      &text,
      "\nLedger        %d entries folded; spent + reserved compared with the "
      "cap %d times\nVerify        %s: %d counters against %d entries\n",
      report.audit.entries, report.audit.prefixes_checked,
      report.verify_ok ? "OK" : "FAILED", report.verify_counters,
      report.verify_entries);
  const std::vector<std::string> violations = report.Violations();
  absl::StrAppendFormat(&text, "Invariants    %s\n",
                        violations.empty()
                            ? "none broken"
                            : absl::StrCat(violations.size(), " BROKEN"));
  for (size_t i = 0; i < std::min<size_t>(violations.size(), 10); ++i) {
    absl::StrAppend(&text, "  ", violations[i], "\n");
  }
  return text;
}

}  // namespace budget::replay
