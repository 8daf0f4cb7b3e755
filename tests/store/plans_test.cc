#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/store/postgres/history.h"
#include "server/store/postgres/in_doubt.h"
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
        "ANALYZE budget.roots; ANALYZE budget.reservations, budget.ledger");
  }

  // So many roots with two allocations, three limits each, their counters, and
  // reservations, half of them open.
  void FillRoots(int roots) {
    RunSqlOnce(absl::StrCat(
        "INSERT INTO budget.roots SELECT 'r' || i, 0, now(), 0, 0, 1, now() "
        "FROM generate_series(1, ", roots, ") AS i; "
        "INSERT INTO budget.allocations SELECT root, n, root || '/' || n, '', "
        "'{}', 0, 0, 0, 0, 0, false, '', false, 1, now(), now() "
        "FROM budget.roots, generate_series(1, 2) AS n; "
        "INSERT INTO budget.limits SELECT root, 3 * allocation_id + n, "
        "allocation_id, 'l' || n, 0, 0, NULL, NULL, NULL, 1, '{}', false "
        "FROM budget.allocations, generate_series(1, 3) AS n; "
        "INSERT INTO budget.counters SELECT root, limit_id, 0, 0, 0, 0, 0, "
        "NULL, 2305843009213693952, '{}', '{}', '{}', '{}', '{}', now() "
        "FROM budget.limits; "
        "INSERT INTO budget.prices SELECT root, 1, 'm' || n, '{}' "
        "FROM budget.roots, generate_series(1, 3) AS n; "
        "INSERT INTO budget.admin_requests SELECT root, gen_random_uuid(), 1, "
        "'', now() FROM budget.roots, generate_series(1, 3) AS n; "
        "INSERT INTO budget.reservations SELECT root, gen_random_uuid(), "
        "1 + i % 2, now(), now(), CASE i % 2 WHEN 1 THEN now() END, "
        "'{1}', '{}', '{}', 0, 0, 0, 0, 0, 0, 0, 0, 0, '{}', true, false, "
        "false, '{}', '{}', 1, 0, '{}', '{}', i, 1, '{}', NULL, 1, '{}', 1, "
        "false FROM budget.roots, generate_series(1, 10) AS i; "
        "INSERT INTO budget.ledger SELECT root, i, now(), 1, NULL, '{1}', "
        "NULL, '{}', '{}', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{}', '{}', 'a', "
        "NULL, '[]' FROM budget.roots, generate_series(1, 10) AS i"));
    RunSqlOnce("VACUUM ANALYZE");
  }

  // Or of what an index has led to.
  static constexpr const char* kNoneOfATable[] = {
      "Function Scan", "Subquery Scan", "CTE Scan", "WorkTable Scan",
      "Bitmap Heap Scan"};

  // The plan of a statement that reads rows without looking for their root.
  std::string ReadsPastItsRoot(const Statement& statement) {
    int parameters = 0;
    while (absl::StrContains(statement.sql,
                             absl::StrCat("$", parameters + 1))) {
      ++parameters;
    }
    const std::string prepare =
        absl::StrCat("PREPARE p_", statement.name, " AS ", statement.sql);
    session_.Run({prepare.c_str(), prepare.c_str()});
    const std::string plan = PlanOf(absl::StrCat(
        "p_", statement.name, "(",
        absl::StrJoin(std::vector<std::string>(parameters, "NULL"), ", "),
        ")"));
    return PastItsRoot(plan) ? absl::StrCat(statement.name, ":\n", plan) : "";
  }

  static bool PastItsRoot(const std::string& plan) {
    const std::vector<std::string> lines = absl::StrSplit(plan, '\n');
    for (size_t i = 0; i < lines.size(); ++i) {
      if (!absl::StrContains(lines[i], "Scan")) continue;
      if (absl::c_any_of(kNoneOfATable, [&](const char* scan) {
            return absl::StrContains(lines[i], scan);
          })) {
        continue;
      }
      if (!absl::StrContains(lines[i + 1], "Index Cond: ((root = ") &&
          !absl::StrContains(lines[i + 1], "Index Cond: (root = ")) {
        return true;
      }
    }
    return false;
  }

  std::string EntriesMissingPlan() {
    Flight flight;
    AskForEntries(session_, {}, flight);
    session_.Fly(flight);
    return PlanOf("entries_missing(NULL)");
  }

  std::string HistoryPlan() {
    WorkingSet set;
    LoadHistory(session_, {.root = "r1"},
                {.path = "r1/1", .limit = {.name = "new"}}, now_, set);
    return PlanOf("load_history(NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
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

// Whoever has read the rows of another root in another lane is in conflict with
// who writes them.
class PlansForFewRootsTest : public PlansTest,
                             public ::testing::WithParamInterface<int> {};

TEST_P(PlansForFewRootsTest, ReadNothingOfOthers) {
  FillRoots(GetParam());
  for (const Statement& statement :
       {kRoots, kDueReach, kNextDue, kPrices, kRequests, kChildren,
        ReservationsById(), ReservationsDue(), ReservationsOpenUnder(),
        AllocationsAsked(), LimitsAsked(), CountersLatest(), CountersByKey(),
        kUpdateRoots, kBarrier, kUpdateAllocations, kUpdateLimits, kSyncCaps,
        kInsertCounters, kMoveCounters, kResetCounters, kUpdateReservations}) {
    EXPECT_EQ(ReadsPastItsRoot(statement), "");
  }
  EXPECT_FALSE(PastItsRoot(HistoryPlan())) << HistoryPlan();
  EXPECT_FALSE(PastItsRoot(EntriesMissingPlan())) << EntriesMissingPlan();
}

INSTANTIATE_TEST_SUITE_P(Roots, PlansForFewRootsTest,
                         ::testing::Values(2, 3, 20));

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
