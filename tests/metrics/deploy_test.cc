// Whether the documents, the dashboard and the alerts fit the table of metrics,
// and the alerts the runbook.

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "server/metrics/table.h"

namespace budget::testing {
namespace {

std::string Content(const std::string& path) {
  std::ifstream file(absl::StrCat(BUDGET_SOURCE_DIR, "/", path));
  EXPECT_TRUE(file.good()) << path;
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

std::set<std::string> Matches(const std::string& text,
                              const std::string& pattern, size_t group = 0) {
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end;
       at != end; ++at) {
    found.insert((*at)[group].str());
  }
  return found;
}

// The series that a metric consists of.
std::set<std::string> SeriesOfTable() {
  std::set<std::string> series;
  for (const MetricRow& row : MetricTable()) {
    if (row.type != MetricType::kHistogram) {
      series.emplace(row.name);
      continue;
    }
    for (const char* part : {"_bucket", "_sum", "_count"}) {
      series.insert(absl::StrCat(row.name, part));
    }
  }
  return series;
}

// Names of ours within expressions of PromQL.
std::set<std::string> SeriesIn(const std::string& expressions) {
  return Matches(expressions, R"(\b(budget|grpc_server|process)_[a-z0-9_]+)");
}

void ExpectInTable(const std::set<std::string>& used,
                   const std::string& where) {
  const std::set<std::string> table = SeriesOfTable();
  EXPECT_FALSE(used.empty()) << where;
  for (const std::string& series : used) {
    EXPECT_TRUE(table.contains(series)) << where << " uses " << series;
  }
}

std::string DashboardExpressions(const nlohmann::json& dashboard) {
  std::string all;
  for (const auto& panel : dashboard.at("panels")) {
    if (panel.at("type") == "row") continue;
    EXPECT_FALSE(panel.at("targets").empty()) << panel.at("title");
    for (const auto& target : panel.at("targets")) {
      absl::StrAppend(&all, target.at("expr").get<std::string>(), "\n");
    }
  }
  return all;
}

TEST(DeployTest, TheDocumentHasTheTableAsItIs) {
  EXPECT_TRUE(absl::StrContains(Content("deploy/metrics.md"),
                                MetricTableText()))
      << "renew the table in deploy/metrics.md with: budgetd metrics";
}

TEST(DeployTest, TheDashboardShowsMetricsThatThereAre) {
  const auto dashboard =
      nlohmann::json::parse(Content("deploy/grafana/dashboard.json"));
  ExpectInTable(SeriesIn(DashboardExpressions(dashboard)), "the dashboard");
  std::set<int> ids;
  for (const auto& panel : dashboard.at("panels")) {
    EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second);
  }
}

// Who adds a metric shows it, or says here why not.
TEST(DeployTest, EveryMetricIsOnTheDashboardOrInAnAlert) {
  const auto dashboard =
      nlohmann::json::parse(Content("deploy/grafana/dashboard.json"));
  const std::string all =
      absl::StrCat(DashboardExpressions(dashboard),
                   Content("deploy/prometheus/alerts.yml"));
  const std::set<std::string> left_out = {
      "budget_root_decisions_total",  // off unless asked for
      "process_virtual_memory_bytes"};
  for (const MetricRow& row : MetricTable()) {
    EXPECT_EQ(absl::StrContains(all, row.name),
              !left_out.contains(std::string(row.name)))
        << row.name;
  }
}

TEST(DeployTest, TheAlertsLookAtMetricsThatThereAre) {
  ExpectInTable(SeriesIn(Content("deploy/prometheus/alerts.yml")),
                "deploy/prometheus/alerts.yml");
}

TEST(DeployTest, TheRunbookLooksAtMetricsThatThereAre) {
  const std::set<std::string> table = SeriesOfTable();
  for (const std::string& name : SeriesIn(Content("deploy/runbook.md"))) {
    EXPECT_TRUE(table.contains(name) || name == "budget_") << name;
  }
}

TEST(DeployTest, EveryAlertHasItsEntryInTheRunbook) {
  const std::string alerts = Content("deploy/prometheus/alerts.yml");
  const std::set<std::string> names =
      Matches(alerts, R"(- alert: (\w+))", 1);
  const std::set<std::string> anchors =
      Matches(alerts, R"(runbook: deploy/runbook\.md#(\w+))", 1);
  const std::set<std::string> entries =
      Matches(Content("deploy/runbook.md"), R"(\n### (\w+))", 1);
  EXPECT_GE(names.size(), 20u);
  EXPECT_EQ(names, entries);
  std::set<std::string> expected;
  for (const std::string& name : names) {
    expected.insert(absl::AsciiStrToLower(name));
  }
  EXPECT_EQ(anchors, expected);
}

TEST(DeployTest, EveryEntrySaysWhatToLookAtAndWhatToDo) {
  const std::string runbook = Content("deploy/runbook.md");
  const std::vector<std::string> entries = absl::StrSplit(runbook, "\n### ");
  for (size_t i = 1; i < entries.size(); ++i) {
    EXPECT_TRUE(absl::StrContains(entries[i], "\nLook: ")) << entries[i];
    EXPECT_TRUE(absl::StrContains(entries[i], "\nDo: ")) << entries[i];
  }
}

TEST(DeployTest, LinksWithinTheRunbookLeadSomewhere) {
  const std::string runbook = Content("deploy/runbook.md");
  std::set<std::string> anchors;
  for (const std::string& entry : Matches(runbook, R"(\n##+ (\w+))", 1)) {
    anchors.insert(absl::AsciiStrToLower(entry));
  }
  for (const std::string& link : Matches(runbook, R"(\]\(#(\w+)\))", 1)) {
    EXPECT_TRUE(anchors.contains(link)) << link;
  }
}

}  // namespace
}  // namespace budget::testing
