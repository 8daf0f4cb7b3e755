#include "server/metrics/exposition.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/metrics/table.h"
#include "tests/metrics/scrape.h"

namespace budget::testing {
namespace {


class ExpositionTest : public ::testing::Test {
 protected:
  MetricSources Sources() {
    return {.version = "1.2.3",
            .rpc = rpc_,
            .lane = lane_,
            .store = store_,
            .service = service_,
            .certificate_expiry = expiry_};
  }
  Scrape Show() { return Scrape(MetricsText(Sources())); }

  const std::shared_ptr<RpcMeters> rpc_ = std::make_shared<RpcMeters>();
  const std::shared_ptr<LaneMeters> lane_ = std::make_shared<LaneMeters>();
  const std::shared_ptr<PostgresStats> store_ =
      std::make_shared<PostgresStats>();
  const std::shared_ptr<ServiceMeters> service_ =
      std::make_shared<ServiceMeters>();
  std::function<std::optional<absl::Time>()> expiry_;
};

// The metrics that a text shows, by their TYPE lines.
std::set<std::string> TypesIn(const std::string& text) {
  std::set<std::string> types;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.size() > 2 && words[1] == "TYPE") types.insert(words[2]);
  }
  return types;
}

TEST_F(ExpositionTest, ShowsEveryMetricOfTheTableAndNoOther) {
  lane_->by_root = std::make_unique<RootMeters>();
  lane_->by_root->Add("acme", Decision::kGranted);
  service_->sweeper_lag_nanos.Set(0);
  service_->open_reservations.Set(0);
  service_->verify_last_pass_nanos.Set(0);
  service_->seal_lag_nanos.Set(0);
  service_->seal_broken_roots.Set(0);
  expiry_ = [] { return absl::FromUnixSeconds(1'800'000'000); };
  std::set<std::string> table;
  for (const MetricRow& row : MetricTable()) table.emplace(row.name);
  EXPECT_EQ(TypesIn(MetricsText(Sources())), table);
}

TEST_F(ExpositionTest, LeavesOutWhatIsNotKnown) {
  const std::string text = MetricsText(Sources());
  for (const char* name :
       {"budget_sweeper_lag_seconds", "budget_open_reservations",
        "budget_held", "budget_verify_last_pass_timestamp_seconds",
        "budget_seal_lag_seconds", "budget_seal_broken_roots",
        "budget_certificate_expiry_timestamp_seconds",
        "budget_root_decisions_total"}) {
    EXPECT_FALSE(TypesIn(text).contains(name)) << name;
  }
}

TEST_F(ExpositionTest, HistogramsAreInSecondsAndCumulative) {
  lane_->queue_wait_seconds.Record(absl::Milliseconds(1));
  lane_->queue_wait_seconds.Record(absl::Milliseconds(3), 2);
  lane_->queue_wait_seconds.Record(absl::Seconds(60));
  const Scrape shown = Show();
  const std::string bucket = "budget_queue_wait_seconds_bucket{le=\"";
  EXPECT_EQ(shown[bucket + "0.00025\"}"], 0);
  EXPECT_EQ(shown[bucket + "0.001\"}"], 1);
  EXPECT_EQ(shown[bucket + "0.005\"}"], 3);
  EXPECT_EQ(shown[bucket + "10\"}"], 3);
  EXPECT_EQ(shown[bucket + "+Inf\"}"], 4);
  EXPECT_EQ(shown["budget_queue_wait_seconds_count"], 4);
  EXPECT_DOUBLE_EQ(shown["budget_queue_wait_seconds_sum"], 60.007);
}

TEST_F(ExpositionTest, SizesAreShownAsTheyAre) {
  lane_->batch_operations.Record(512);
  const Scrape shown = Show();
  EXPECT_EQ(shown["budget_batch_operations_bucket{le=\"256\"}"], 0);
  EXPECT_EQ(shown["budget_batch_operations_bucket{le=\"512\"}"], 1);
  EXPECT_EQ(shown["budget_batch_operations_sum"], 512);
}

TEST_F(ExpositionTest, CountsRetriesByCodeWithinBounds) {
  for (const char* code : {"40001", "40001", "57P01", "", "XX000", "42P01"}) {
    store_->retries.Add(code);
  }
  const Scrape shown = Show();
  const std::string retries = "budget_transaction_retries_total{sqlstate=\"";
  EXPECT_EQ(shown[retries + "40001\"}"], 2);
  EXPECT_EQ(shown[retries + "57P01\"}"], 1);
  EXPECT_EQ(shown[retries + "none\"}"], 1);
  EXPECT_EQ(shown[retries + "other\"}"], 2);
  EXPECT_FALSE(shown.Has(retries + "XX000\"}"));
}

TEST_F(ExpositionTest, NamesOfRootsAreEscapedAndBounded) {
  lane_->by_root = std::make_unique<RootMeters>();
  for (size_t i = 0; i < RootMeters::kRootsMax + 7; ++i) {
    lane_->by_root->Add(absl::StrCat("root-", i), Decision::kDenied);
  }
  const Scrape shown = Show();
  const std::string denied = "\",decision=\"denied\"}";
  EXPECT_EQ(shown["budget_root_decisions_total{root=\"root-0" + denied], 1);
  EXPECT_EQ(shown["budget_root_decisions_total{root=\"(others)" + denied], 7);
}

TEST_F(ExpositionTest, ShowsWhenTheCertificateExpires) {
  expiry_ = [] { return absl::FromUnixSeconds(1'800'000'000); };
  EXPECT_EQ(Show()["budget_certificate_expiry_timestamp_seconds"],
            1'800'000'000);
}

TEST_F(ExpositionTest, ShowsTheProcess) {
  const Scrape shown = Show();
  EXPECT_GT(shown["process_resident_memory_bytes"], 1 << 20);
  EXPECT_GT(shown["process_virtual_memory_bytes"],
            shown["process_resident_memory_bytes"]);
  EXPECT_GE(shown["process_open_fds"], 3);
  EXPECT_GE(shown["process_max_fds"], shown["process_open_fds"]);
  EXPECT_GE(shown["process_threads"], 1);
  const auto now = static_cast<double>(absl::ToUnixSeconds(absl::Now()));
  EXPECT_GT(shown["process_start_time_seconds"], now - 86400);
  EXPECT_LE(shown["process_start_time_seconds"], now + 60);
  EXPECT_EQ(shown["budget_build_info{version=\"1.2.3\"}"], 1);
}

}  // namespace
}  // namespace budget::testing
