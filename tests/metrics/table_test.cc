#include "server/metrics/table.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "prometheus/check_names.h"

namespace budget::testing {
namespace {

TEST(MetricTableTest, NamesAreAsPrometheusWantsThem) {
  std::set<std::string> names;
  for (const MetricRow& row : MetricTable()) {
    const std::string name(row.name);
    EXPECT_TRUE(names.insert(name).second) << name << " is there twice";
    EXPECT_TRUE(prometheus::CheckMetricName(name)) << name;
    EXPECT_EQ(row.type == MetricType::kCounter, absl::EndsWith(name, "_total"))
        << name << ": counters, and nothing else, end in _total";
    EXPECT_FALSE(row.help.empty()) << name;
    if (row.unit == "seconds") {
      EXPECT_TRUE(absl::StrContains(name, "_seconds")) << name;
    }
    if (row.unit == "bytes") {
      EXPECT_TRUE(absl::EndsWith(name, "_bytes")) << name;
    }
  }
}

TEST(MetricTableTest, OnlyOneMetricHasNamesOfTenants) {
  for (const MetricRow& row : MetricTable()) {
    for (const char* tenant : {"root", "allocation", "path", "tenant"}) {
      EXPECT_EQ(absl::StrContains(row.labels, tenant),
                row.metric == Metric::kRootDecisions &&
                    absl::string_view(tenant) == "root")
          << row.name;
    }
  }
}

}  // namespace
}  // namespace budget::testing
