#include <string>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/session.h"
#include "server/store/postgres/write_statements.h"
#include "tests/support/postgres_fixture.h"

// A plan is made for the tables as they are, and kept: one that reads all of a
// small table must not survive its growth.
namespace budget {
namespace {

class PlansTest : public ::testing::Test {
 protected:
  PlansTest() { RunSqlOnce("VACUUM ANALYZE budget.counters"); }

  void RunSqlOnce(const std::string& sql) { testing::RunSql(uri_, sql); }

  void MoveNothing() {
    RowArray rows(kCounterRow);
    session_.Run(kMoveCounters, {session_.Take(rows), "0"});
  }

  void GrowCounters() {
    RunSqlOnce(
        "INSERT INTO budget.counters SELECT 'r' || i, 1, 0, 0, 0, 0, 0, NULL, "
        "2305843009213693952, '{}', '{}', '{}', '{}', '{}', now() "
        "FROM generate_series(1, 5000) AS i");
  }

  std::string KeptPlan() {
    const Result rows = session_.Run(
        {"explain", "EXPLAIN EXECUTE move_counters(NULL, 0)"});
    std::string plan;
    for (RowReader row : rows) absl::StrAppend(&plan, row.View(), "\n");
    return plan;
  }

  const std::string uri_ = testing::FreshDatabase();
  Session session_{uri_, SessionKind::kWriter};
  absl::Time now_ = absl::UnixEpoch();
};

TEST_F(PlansTest, FollowTheTablesWithinAMinute) {
  session_.RefreshPlans(now_);
  MoveNothing();
  GrowCounters();
  session_.RefreshPlans(now_ + absl::Minutes(1));
  MoveNothing();
  EXPECT_NE(KeptPlan().find("Index Cond: ((root = (d.root)::text)"),
            std::string::npos)
      << KeptPlan();
}

TEST_F(PlansTest, FollowTheTablesOverTwiceAsManyTransactions) {
  for (int i = 0; i < 10; ++i) session_.RefreshPlans(now_);
  MoveNothing();
  GrowCounters();
  for (int i = 0; i < 10; ++i) session_.RefreshPlans(now_);
  MoveNothing();
  EXPECT_NE(KeptPlan().find("Index Cond: ((root = (d.root)::text)"),
            std::string::npos)
      << KeptPlan();
}

}  // namespace
}  // namespace budget
