#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "server/store/postgres/postgres_store.h"
#include "tests/store/hand_made.h"
#include "tests/support/postgres_fixture.h"

// What only the store on PostgreSQL can show.
namespace budget::testing {
namespace {

class PostgresTest : public ::testing::Test {
 protected:
  PostgresTest() : uri_(FreshDatabase()) {
    options_.uri = uri_;
    options_.log = [](absl::string_view) {};
    options_.stats = std::make_shared<PostgresStats>();
    Open();
  }

  void Open() {
    absl::StatusOr<std::unique_ptr<Store>> store = OpenPostgresStore(options_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  template <typename Body>
  absl::Status Change(LoadPlan plan, Body body,
                      absl::Duration patience = absl::Seconds(60)) {
    return store_->Transact(
        LaneOf(plan.root, kLanes), {&plan, 1},
        [&](WorkingSets& sets, absl::Time now) { body(*sets.at(0), now); },
        absl::Now() + patience);
  }

  void MakeAcme() {
    ASSERT_EQ(Change(PlanForChain("acme"),
                     [](WorkingSet& set, absl::Time now) {
                       AddAllocation(set, "acme", now);
                       AddLimit(set, "acme", LifetimeUsd("cap", 1000), now);
                       AddHold(set, IdOf(1), "acme", 100, now);
                     }),
              absl::OkStatus());
  }

  std::string FirstDiscrepancy() {
    const absl::StatusOr<VerifyReport> report = store_->Verify("acme", {});
    EXPECT_TRUE(report.ok()) << report.status();
    return report->discrepancies.empty() ? ""
                                         : report->discrepancies[0].subject;
  }

  const std::string uri_;
  PostgresOptions options_;
  std::unique_ptr<Store> store_;
};

TEST_F(PostgresTest, VerifyFindsATamperedCounter) {
  MakeAcme();
  EXPECT_EQ(FirstDiscrepancy(), "");
  RunSql(uri_, "UPDATE budget.counters SET spent = 1");
  EXPECT_EQ(FirstDiscrepancy(), "counter acme cap @0");
}

TEST_F(PostgresTest, VerifyFindsAMissingCounter) {
  MakeAcme();
  RunSql(uri_, "DELETE FROM budget.counters");
  EXPECT_EQ(FirstDiscrepancy(), "counter acme cap @0");
}

TEST_F(PostgresTest, VerifyFindsATamperedReservation) {
  MakeAcme();
  RunSql(uri_, "UPDATE budget.reservations SET spent_usd_nanos = 1");
  EXPECT_EQ(FirstDiscrepancy(), "reservation " + RunSql(uri_,
            "SELECT id FROM budget.reservations"));
}

TEST_F(PostgresTest, VerifyFindsAMissingReservationThatWasOpen) {
  MakeAcme();
  const std::string id = RunSql(uri_, "SELECT id FROM budget.reservations");
  RunSql(uri_, "DELETE FROM budget.reservations");
  EXPECT_EQ(FirstDiscrepancy(), "reservation " + id);
}

TEST_F(PostgresTest, VerifyFindsAMissingLedgerRow) {
  MakeAcme();
  RunSql(uri_, "DELETE FROM budget.ledger WHERE sequence = 2");
  EXPECT_EQ(FirstDiscrepancy(), "entry 3");
}

TEST_F(PostgresTest, VerifyFindsAMissingEndOfTheLedger) {
  MakeAcme();
  RunSql(uri_, "DELETE FROM budget.ledger WHERE sequence = 3");
  const absl::StatusOr<VerifyReport> report = store_->Verify("acme", {});
  ASSERT_TRUE(report.ok());
  // Counter, end, reservation, and an entry that was acknowledged.
  EXPECT_EQ(report->discrepancies_total, 4);
}

TEST_F(PostgresTest, TheTablesThemselvesHoldTheCap) {
  MakeAcme();
  EXPECT_EQ(RunSql(uri_,
                   "SELECT count(*) FROM pg_constraint "
                   "WHERE conname = 'counters_within_ceiling'"),
            "1");
  EXPECT_EQ(Change(PlanForChain("acme"),
                   [](WorkingSet& set, absl::Time now) {
                     AddEntry(set, now);
                     Move(set, {1, 0}, {.spent = 901}, now);
                   })
                .code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(options_.stats->invariants_broken, 1);
}

// COMMIT travels with the writes, so an UPDATE must fail by itself where its
// row is not there: each body changes a row that only the set has.
TEST_F(PostgresTest, CommitsNothingWhereARowToBeChangedIsMissing) {
  MakeAcme();
  const std::string entries =
      RunSql(uri_, "SELECT count(*) FROM budget.ledger");
  const auto expect_refused = [&](void (*change)(WorkingSet& set)) {
    EXPECT_EQ(Change(PlanForChain("acme"),
                     [&](WorkingSet& set, absl::Time now) {
                       AddEntry(set, now);
                       change(set);
                     })
                  .code(),
              absl::StatusCode::kInternal);
    EXPECT_EQ(RunSql(uri_, "SELECT count(*) FROM budget.ledger"), entries);
  };
  expect_refused([](WorkingSet& set) {
    set.counters[{.limit = 7}] = {.exists = true, .changed = true};
  });
  expect_refused([](WorkingSet& set) {
    Reservation missing;
    missing.terms.Edit().id = IdOf(7);
    set.reservations[IdOf(7)] = {
        .reservation = missing, .exists = true, .changed = true};
  });
  expect_refused([](WorkingSet& set) {
    Allocation moved = *set.catalog.FindAllocation("acme");
    moved.path = "elsewhere";
    set.catalog.Put(moved);
    set.changed_allocations.insert(moved.id);
  });
  EXPECT_EQ(FirstDiscrepancy(), "");
}

TEST_F(PostgresTest, DecidesAgainWhereAnotherHasWrittenTheRoot) {
  MakeAcme();
  options_.lane_locks = false;
  Open();
  int runs = 0;
  EXPECT_EQ(Change(PlanForChain("acme"),
                   [&](WorkingSet& set, absl::Time now) {
                     if (++runs == 1) {
                       RunSql(uri_, "UPDATE budget.roots SET price_version = 0");
                     }
                     AddEntry(set, now);
                   }),
            absl::OkStatus());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(FirstDiscrepancy(), "");
}

TEST_F(PostgresTest, ComesBackAfterEveryConnectionWasKilled) {
  MakeAcme();
  KillConnections(uri_);
  EXPECT_EQ(Change(PlanForChain("acme"),
                   [](WorkingSet& set, absl::Time now) {
                     AddHold(set, IdOf(2), "acme", 1, now);
                   }),
            absl::OkStatus());
  KillConnections(uri_);
  EXPECT_EQ(FirstDiscrepancy(), "");
  EXPECT_GE(options_.stats->connections_lost, 1);
}

// Whoever connects anew may find a server that took over without the last
// changes and has made others since, under the same numbers.
TEST_F(PostgresTest, ReadsTheCatalogOfTheServerThatTookOver) {
  MakeAcme();
  ASSERT_TRUE(store_->Read(PlanForChain("acme")).ok());
  RunSql(uri_, "UPDATE budget.limits SET cap = 500");
  KillConnections(uri_);
  const absl::StatusOr<Snapshot> read = store_->Read(PlanForChain("acme"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->set->catalog.FindLimit(1)->spec.cap, 500);
}

TEST_F(PostgresTest, DecidesByTheCatalogOfTheServerThatTookOver) {
  MakeAcme();
  Open();  // has no connection for writing yet that could be lost
  ASSERT_TRUE(store_->Read(PlanForChain("acme")).ok());
  RunSql(uri_, "UPDATE budget.limits SET cap = 500");
  KillConnections(uri_);
  std::optional<int64_t> cap;
  EXPECT_EQ(Change(PlanForChain("acme"),
                   [&](WorkingSet& set, absl::Time) {
                     cap = set.catalog.FindLimit(1)->spec.cap;
                   }),
            absl::OkStatus());
  EXPECT_EQ(cap, 500);
}

TEST_F(PostgresTest, ALostConnectionBeforeTheWriteIsTriedAgain) {
  MakeAcme();
  int runs = 0;
  EXPECT_EQ(Change(PlanForChain("acme"),
                   [&](WorkingSet& set, absl::Time now) {
                     if (++runs == 1) KillConnections(uri_);
                     AddHold(set, IdOf(2), "acme", 1, now);
                   }),
            absl::OkStatus());
  EXPECT_EQ(runs, 2);
}

TEST_F(PostgresTest, WaitsForTheLaneNoLongerThanItsDeadline) {
  MakeAcme();
  absl::Status inner;
  EXPECT_EQ(Change(PlanForChain("acme"),
                   [&](WorkingSet&, absl::Time) {
                     inner = Change(
                         PlanForChain("acme"),
                         [](WorkingSet&, absl::Time) { FAIL(); },
                         absl::Milliseconds(100));
                   }),
            absl::OkStatus());
  EXPECT_EQ(inner.code(), absl::StatusCode::kUnavailable);
  EXPECT_GE(options_.stats->lock_timeouts, 1);
}

TEST_F(PostgresTest, WithoutLaneLocksConflictsAreTriedAgain) {
  options_.lane_locks = false;
  Open();
  MakeAcme();
  int runs = 0;
  EXPECT_EQ(Change(PlanForChain("acme"),
                   [&](WorkingSet& set, absl::Time now) {
                     if (++runs == 1) {
                       EXPECT_EQ(Change(PlanForChain("acme"),
                                        [](WorkingSet& set, absl::Time now) {
                                          AddHold(set, IdOf(2), "acme", 900,
                                                  now);
                                        }),
                                 absl::OkStatus());
                     }
                     if (set.counters[{1, 0}].counter.tally.Usage() < 1000) {
                       AddHold(set, IdOf(3), "acme", 900, now);
                     }
                   }),
            absl::OkStatus());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(options_.stats->conflicts, 1);
  EXPECT_EQ(FirstDiscrepancy(), "");
}

TEST_F(PostgresTest, SaysThatTzdataIsMissing) {
  MakeAcme();
  RunSql(uri_,
         "UPDATE budget.limits SET window_kind = 1, calendar_period = 2, "
         "calendar_zone = 'Mars/Olympus'");
  const absl::StatusOr<Snapshot> read = store_->Read(PlanForChain("acme"));
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(read.status().message(),
            "time zone \"Mars/Olympus\" is not installed: install tzdata");
}

TEST_F(PostgresTest, ShowsNoDriverText) {
  MakeAcme();
  RunSql(uri_, "ALTER TABLE budget.ledger RENAME TO secret_name");
  const absl::Status status = Change(
      PlanForChain("acme"),
      [](WorkingSet& set, absl::Time now) { AddEntry(set, now); });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(),
            "the database schema is missing or incomplete: run the migrations");
}

TEST(OpenPostgresTest, SaysThatTheDatabaseCannotBeReached) {
  PostgresOptions options;
  options.uri = "postgresql:///none?host=/nowhere/at/all";
  EXPECT_EQ(OpenPostgresStore(options).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(OpenPostgresTest, AsksForMigrations) {
  PostgresOptions options;
  options.uri = EmptyDatabase();
  EXPECT_EQ(OpenPostgresStore(options).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace budget::testing
