#include <string>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/load_statements.h"
#include "server/store/postgres/reads.h"
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

  // Many roots of one allocation with one limit, as most are, and a big one.
  void FillCatalog() {
    RunSqlOnce(
        "INSERT INTO budget.allocations SELECT r, n, r || '/' || n, '', '{}', "
        "0, 0, 0, 0, 0, false, '', false, 1, now(), now() "
        "FROM (SELECT 'r' || i AS r, 1 AS n FROM generate_series(1, 10000) i "
        "  UNION ALL SELECT 'big', i FROM generate_series(1, 10000) i) a; "
        "INSERT INTO budget.limits SELECT root, allocation_id, allocation_id, "
        "'l', 0, 0, NULL, NULL, NULL, 1, '{}', false FROM budget.allocations; "
        "ANALYZE budget.allocations; ANALYZE budget.limits");
  }

  // Many that have ended, and their roots have nothing that could be due.
  void FillReservations() {
    RunSqlOnce(
        "INSERT INTO budget.roots SELECT 'r' || i, 0, now(), 0, 0, 0, now() "
        "FROM generate_series(1, 100) AS i; "
        "INSERT INTO budget.reservations SELECT 'r' || i % 100, "
        "gen_random_uuid(), 2, t.at, t.at, t.at, '{1}', '{}', '{}', "
        "0, 0, 0, 0, 0, 0, 0, 0, 0, '{}', true, false, false, '{}', '{}', "
        "1, 0, '{}', '{}', i, 1, '{}', NULL, 1, '{}', 1, false "
        "FROM generate_series(1, 20000) AS i, "
        "LATERAL (SELECT now() - i * interval '1 minute' AS at) AS t; "
        "ANALYZE budget.roots; ANALYZE budget.reservations");
  }

  std::string KeptPlan() { return PlanOf("move_counters(NULL, 0)"); }

  std::string PlanOf(const std::string& call) { return PlanOf(call, session_); }

  static std::string PlanOf(const std::string& call, Session& session) {
    const std::string sql = absl::StrCat("EXPLAIN EXECUTE ", call);
    const Result rows = session.Run({sql.c_str(), sql.c_str()});
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

// With most roots of one allocation, the planner takes the root alone for as
// good as a key, unless it is told otherwise.
TEST_F(PlansTest, FindRowsOfABigRootByTheirKeys) {
  FillCatalog();
  session_.Run(AllocationsAsked(), {"{}", "{}", "{}", "{}"});
  session_.Run(LimitsAsked(), {"{}", "{}", "{}", "{}"});
  for (const char* call : {"load_allocations(NULL, NULL, NULL, NULL)",
                           "load_limits(NULL, NULL, NULL, NULL)"}) {
    EXPECT_EQ(PlanOf(call).find("Filter:"), std::string::npos) << PlanOf(call);
  }
}

// It is asked for again and again, and what has ended stays for months.
TEST_F(PlansTest, CountOpenHoldsPastAllThatHasEnded) {
  FillReservations();
  Session reader(uri_, SessionKind::kReader);
  EXPECT_EQ(reads::ReadOpenHolds(reader), OpenHolds{});
  const std::string plan = PlanOf("open_holds", reader);
  EXPECT_NE(plan.find("expires_at >= o.next_due"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("Seq Scan on reservations"), std::string::npos) << plan;
}

}  // namespace
}  // namespace budget
