// What is preloaded does what it says, in programs that know nothing of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/chaos/log_tail.h"
#include "tests/support/postgres_server.h"
#include "tests/support/scratch_dir.h"

namespace budget::chaos {
namespace {

using testing::PostgresPlace;
using testing::PostgresServer;
using ::testing::AllOf;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Lt;

class ClockShimTest : public ::testing::Test {
 protected:
  // By how much date(1) is ahead of this program.
  absl::Duration LeadOfDate(const std::string& seconds) {
    const std::string out = scratch_ / "date";
    EXPECT_EQ(RunToEnd({.argv = {"/usr/bin/env",
                                 absl::StrCat("LD_PRELOAD=", CLOCK_SHIM),
                                 "CHAOS_CLOCK_SECONDS=" + seconds, "date",
                                 "+%s"},
                        .output_file = out}),
              absl::OkStatus());
    int64_t date = 0;
    std::ifstream(out) >> date;
    return absl::FromUnixSeconds(date) - absl::Now();
  }

  testing::ScratchDir scratch_;
};

TEST_F(ClockShimTest, AnHourAhead) {
  EXPECT_THAT(LeadOfDate("3600"),
              AllOf(Gt(absl::Minutes(30)), Lt(absl::Minutes(90))));
}

TEST_F(ClockShimTest, AnHourBehind) {
  EXPECT_THAT(LeadOfDate("-3600"),
              AllOf(Gt(-absl::Minutes(90)), Lt(-absl::Minutes(30))));
}

class DiskShimTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // PostgreSQL's user may not be let into where it was built.
    std::filesystem::copy_file(DISK_SHIM, scratch_ / "shim.so");
    server_.SetEnvironment({"LD_PRELOAD=" + scratch_ / "shim.so",
                            "CHAOS_DISK=" + scratch_ / "disk"});
    ASSERT_EQ(server_.Make(), absl::OkStatus());
    ASSERT_EQ(server_.Start(), absl::OkStatus());
    ASSERT_TRUE(Grow("before").ok());
  }

  void Fill(const std::string& what) {
    std::ofstream(scratch_ / "disk") << what;
  }
  void Empty() { std::filesystem::remove(scratch_ / "disk"); }
  absl::StatusOr<std::string> Grow(const std::string& table) {
    return server_.Run(absl::StrCat("CREATE TABLE ", table,
                                    " AS SELECT generate_series(1, 10000)"));
  }

  testing::ScratchDir scratch_;
  PostgresServer server_{PostgresPlace::Find().value(), scratch_.path(),
                         "database"};
};

TEST_F(DiskShimTest, NoTableGrowsWhileTheDiskIsFull) {
  Fill("data");
  EXPECT_THAT(std::string(Grow("meanwhile").status().message()),
              HasSubstr("No space left on device"));
  Empty();
  EXPECT_EQ(Grow("after").status(), absl::OkStatus());
}

TEST_F(DiskShimTest, PostgresStopsWhereNoSegmentCanBeMade) {
  const LogTail log(server_.log());
  Fill("wal");
  EXPECT_TRUE(testing::Eventually([&] {
    (void)server_.Run("SELECT txid_current(), pg_switch_wal()");
    return log.Says("No space left on device");
  }));
  Empty();
  EXPECT_EQ(server_.Start(), absl::OkStatus());
  EXPECT_EQ(Grow("after").status(), absl::OkStatus());
}

}  // namespace
}  // namespace budget::chaos
