#include "tests/bench/charts.h"

#include <cstdlib>
#include <map>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "deploy/replay/text_file.h"
#include "tests/bench/ratios.h"

namespace budget::bench {
namespace {

// One line of a chart: what it is called, and the figures "prefix_N".
struct Line {
  std::string title;
  std::string prefix;
};

// The number after "prefix_", up to the next underscore.
bool NumberAfter(const std::string& name, const std::string& prefix,
                 int& number) {
  if (!absl::StartsWith(name, prefix + "_")) return false;
  const std::vector<std::string> words =
      absl::StrSplit(name.substr(prefix.size() + 1), '_');
  return absl::SimpleAtoi(words[0], &number);
}

// Rows of "N median lowest highest"; of several figures with the same N the
// best one.
std::string DataOf(const Figures& figures, const std::string& prefix) {
  std::map<int, Summary> best;
  for (const auto& [name, figure] : figures.all()) {
    int number = 0;
    if (!NumberAfter(name, prefix, number)) continue;
    const Summary summary = Summarize(figures.Values(name));
    Summary& known = best[number];
    if (summary.median > known.median) known = summary;
  }
  std::string rows;
  for (const auto& [number, summary] : best) {
    absl::StrAppend(&rows, number, " ", summary.median, " ", summary.min, " ",
                    summary.max, "\n");
  }
  return rows;
}

// Runs gnuplot on `script` in the directory.
absl::Status Plot(const std::string& directory, const std::string& name,
                  const std::string& script) {
  const std::string path = absl::StrCat(directory, "/", name, ".gnuplot");
  const absl::Status written = replay::WriteTextFile(path, script);
  if (!written.ok()) return written;
  const std::string command =
      absl::StrCat("cd '", directory, "' && gnuplot '", name, ".gnuplot'");
  if (std::system(command.c_str()) == 0) return absl::OkStatus();
  return absl::NotFoundError(
      "gnuplot failed; deploy/packages bench installs it");
}

struct Chart {
  std::string name;
  std::string title;
  std::string x;
  std::string y;
  std::vector<Line> lines;
};

absl::Status Draw(const Figures& figures, const std::string& directory,
                  const Chart& chart) {
  std::vector<std::string> plots;
  for (const Line& line : chart.lines) {
    const std::string rows = DataOf(figures, line.prefix);
    if (rows.empty()) continue;
    const std::string file = line.prefix + ".dat";
    const absl::Status status = replay::WriteTextFile(directory + "/" + file, rows);
    if (!status.ok()) return status;
    plots.push_back(absl::Substitute(
        "'$0' using 1:2:3:4 with yerrorlines lw 2 pt 7 title '$1'", file,
        line.title));
  }
  if (plots.empty()) return absl::OkStatus();
  return Plot(directory, chart.name,
              absl::Substitute(
                  "set terminal svg noenhanced size 760,480 background rgb 'white'\n"
                  "set output '$0.svg'\n"
                  "set title '$1'\nset xlabel '$2'\nset ylabel '$3'\n"
                  "set logscale x 2\nset logscale y 10\nset grid\n"
                  "set xtics format '%.0f'\nset ytics format '%g'\n"
                  "set key outside bottom horizontal\nplot $4\n",
                  chart.name, chart.title, chart.x, chart.y,
                  absl::StrJoin(plots, ", \\\n     ")));
}

// How far each ratio is towards its goal: 1 meets it, more is better.
absl::Status DrawGoals(const Figures& figures, const std::string& directory) {
  std::string rows;
  for (const Ratio& ratio : ComputeRatios(figures)) {
    const double median = ratio.summary().median;
    if (!ratio.measured() || median == 0) continue;
    const bool more_is_better = ratio.comparison == Comparison::kAtLeast ||
                                ratio.comparison == Comparison::kOver;
    absl::StrAppend(&rows, "\"", ratio.name, "\" ",
                    more_is_better ? median / ratio.goal : ratio.goal / median,
                    "\n");
  }
  if (rows.empty()) return absl::OkStatus();
  const absl::Status status = replay::WriteTextFile(directory + "/goals.dat", rows);
  if (!status.ok()) return status;
  return Plot(directory, "goals",
              "set terminal svg noenhanced size 760,480 background rgb 'white'\n"
              "set output 'goals.svg'\n"
              "set title 'Ratios over their goals (1 and more is met)'\n"
              "set logscale y 10\nset grid ytics\nset boxwidth 0.6\n"
              "set style fill solid 0.6\nset xtics rotate by -40\n"
              "set key off\n"
              "plot 'goals.dat' using 0:2:xtic(1) with boxes, 1 lw 2\n");
}

}  // namespace

absl::Status DrawCharts(const Figures& figures, const std::string& directory) {
  const Chart charts[] = {
      {.name = "unary",
       .title = "Unary Reserve and Settle",
       .x = "callers",
       .y = "operations/s",
       .lines = {{"null", names::kNull},
                 {"one hot allocation", names::kHot},
                 {"Zipf over 10,000", names::kZipf},
                 {"uniform over 10,000", names::kUniform},
                 {"10,000 keys of one root", names::kKeys},
                 {"depth 1 x 3 limits", names::kWide},
                 {"depth 4 x 1 limit", names::kTall},
                 {"depth 4 x 3 limits", names::kDeep}}},
      {.name = "batch",
       .title = "Batch messages, best number outstanding",
       .x = "operations in a message",
       .y = "operations/s",
       .lines = {{"raw PostgreSQL", names::kRaw},
                 {"one hot allocation", names::kBatchHot},
                 {"Zipf over 10,000", names::kBatchZipf},
                 {"uniform over 10,000", names::kBatchUniform}}},
      {.name = "latency",
       .title = "Median latency in open loop",
       .x = "operations/s offered",
       .y = "ms",
       .lines = {{"null", names::kNullLatency},
                 {"one hot allocation", names::kLatency}}},
      {.name = "replicas",
       .title = "Replicas on one hot root, 128 callers",
       .x = "replicas",
       .y = "operations/s",
       .lines = {{"unary", names::kReplicas}}},
  };
  for (const Chart& chart : charts) {
    const absl::Status status = Draw(figures, directory, chart);
    if (!status.ok()) return status;
  }
  return DrawGoals(figures, directory);
}

}  // namespace budget::bench
