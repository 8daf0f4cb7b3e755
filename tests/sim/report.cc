#include "tests/sim/report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace budget::sim {
namespace {

using Row = std::pair<absl::string_view, int64_t>;

std::vector<Row> Faults(const Totals& totals) {
  std::vector<Row> rows;
  for (size_t i = 0; i < kFaultKinds; ++i) {
    rows.emplace_back(FaultName(static_cast<FaultKind>(i)), totals.faults[i]);
  }
  return rows;
}

std::vector<Row> Replies(const Totals& totals) {
  std::vector<Row> rows = {{"OK", totals.answered_ok}};
  for (size_t i = 0; i < kReasons; ++i) {
    if (totals.refused[i] == 0) continue;
    rows.emplace_back(ReasonName(static_cast<Reason>(i)), totals.refused[i]);
  }
  return rows;
}

std::vector<Row> Sizes(const Totals& totals) {
  return {{"seeds", totals.seeds},
          {"operations", totals.operations},
          {"transactions", totals.transactions},
          {"ledger_entries", totals.entries},
          {"virtual_seconds", totals.virtual_seconds},
          {"calls_after_healing", totals.after_healing},
          {"calls_after_healing_late", totals.after_healing_late}};
}

std::string Table(absl::string_view title, const std::vector<Row>& rows) {
  std::string text = absl::StrCat("\n", title, "\n");
  for (const auto& [name, count] : rows) {
    absl::StrAppendFormat(&text, "  %-28s %14d\n", name, count);
  }
  return text;
}

std::string Object(const std::vector<Row>& rows) {
  return absl::StrCat(
      "{",
      absl::StrJoin(rows, ", ",
                    [](std::string* out, const Row& row) {
                      absl::StrAppend(out, "\"", row.first, "\": ", row.second);
                    }),
      "}");
}

std::vector<Row> ByInvariant(const std::array<int64_t, kInvariants>& counts) {
  std::vector<Row> rows;
  for (size_t i = 0; i < kInvariants; ++i) {
    rows.emplace_back(InvariantName(static_cast<Invariant>(i)), counts[i]);
  }
  return rows;
}

}  // namespace

std::string TableOf(const Report& report) {
  const Totals& totals = report.totals;
  std::string text = Table("run", Sizes(totals));
  absl::StrAppendFormat(&text, "  %-28s %14.1f\n  %-28s %14.0f\n", "seconds",
                        report.seconds, "operations_per_second",
                        static_cast<double>(totals.operations) /
                            std::max(report.seconds, 1e-9));
  absl::StrAppend(&text, Table("faults", Faults(totals)),
                  Table("replies", Replies(totals)));
  absl::StrAppendFormat(&text, "\n%-30s %14s %10s\n", "invariants", "checks",
                        "broken");
  for (size_t i = 0; i < kInvariants; ++i) {
    absl::StrAppendFormat(&text, "  %-28s %14d %10d\n",
                          InvariantName(static_cast<Invariant>(i)),
                          totals.checks[i], totals.breaches[i]);
  }
  return text;
}

std::string JsonOf(const Report& report) {
  return absl::StrCat(
      "{\n  \"run\": ", Object(Sizes(report.totals)), ",\n  \"seconds\": ",
      report.seconds, ",\n  \"operations\": ", report.totals.operations,
      ",\n  \"faults\": ", Object(Faults(report.totals)),
      ",\n  \"replies\": ", Object(Replies(report.totals)),
      ",\n  \"checks\": ", Object(ByInvariant(report.totals.checks)),
      ",\n  \"violations\": ", Object(ByInvariant(report.totals.breaches)),
      ",\n  \"failed_seeds\": [", absl::StrJoin(report.failed_seeds, ", "),
      "],\n  \"hash\": \"", absl::Hex(report.totals.hash, absl::kZeroPad16),
      "\"\n}\n");
}

std::string ReplayOf(uint64_t seed, const FanOut& fan_out) {
  std::string command = absl::StrCat("tests/sim/run --seed ", seed);
  if (fan_out.operations != FanOut().operations) {
    absl::StrAppend(&command, " --operations ", fan_out.operations);
  }
  if (fan_out.planted) {
    absl::StrAppend(&command, " --plant ", BugName(*fan_out.planted));
  }
  return command;
}

std::string ProgressOf(const Report& report, int64_t seeds) {
  return absl::StrFormat(
      "%d of %d seeds, %.1f million operations, %.0f s, %d failed",
      report.totals.seeds, seeds,
      static_cast<double>(report.totals.operations) / 1e6, report.seconds,
      report.failed_seeds.size());
}

}  // namespace budget::sim
