#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
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

  // From now on `verb` fails, as it does without room in shared memory, where
  // it concerns more reservations than that.
  void HaveRoomFor(const std::string& verb, int reservations) {
    RunSql(uri_, absl::StrCat(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF (SELECT count(*) FROM changed) > ", reservations,
        " THEN RAISE 'out of shared memory' USING ERRCODE = '53200'; END IF; "
        "RETURN NULL; END $$; CREATE TRIGGER no_room AFTER ", verb,
        " ON budget.reservations REFERENCING NEW TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION no_room()"));
  }

  int64_t RetriesBy(absl::string_view sqlstate) {
    const auto& codes = SqlstateMeters::kCodes;
    const auto at = std::find(codes.begin(), codes.end(), sqlstate);
    return options_.stats->retries.count(
        static_cast<size_t>(at - codes.begin()));
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
  EXPECT_GE(RetriesBy("none") + RetriesBy("57P01"), 1);
  EXPECT_GE(options_.stats->writers.connected.value(), 2);
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

// PostgreSQL then says so of a statement in the middle of a transaction.
TEST_F(PostgresTest, SaysThatThereIsNoRoomForATransactionThisLarge) {
  MakeAcme();
  HaveRoomFor("INSERT", 2);
  const auto hold = [&](int first, int count) {
    return Change(PlanForChain("acme"), [&](WorkingSet& set, absl::Time now) {
      for (int i = 0; i < count; ++i) {
        AddHold(set, IdOf(first + i), "acme", 1, now);
      }
    });
  };
  const absl::Status status = hold(2, 3);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(),
            "the storage is not available: no room for a transaction this "
            "large");
  EXPECT_EQ(options_.stats->out_of_resources, 4);
  EXPECT_EQ(options_.stats->given_up.value(), 0);
  EXPECT_EQ(hold(2, 2), absl::OkStatus());
  EXPECT_EQ(RunSql(uri_, "SELECT count(*) FROM budget.reservations"), "3");
  EXPECT_EQ(FirstDiscrepancy(), "");
}

TEST_F(PostgresTest, EndsFewerAtATimeWhereThereIsNoRoomForMore) {
  MakeAcme();
  ASSERT_EQ(Change(PlanForChain("acme"),
                   [](WorkingSet& set, absl::Time now) {
                     for (int i = 2; i < 10; ++i) {
                       AddHold(set, IdOf(i), "acme", 1, now, -absl::Seconds(i));
                     }
                   }),
            absl::OkStatus());
  HaveRoomFor("UPDATE", 4);
  options_.due_per_transaction_max = 8;
  Open();
  const absl::Status status =
      Change(PlanForChain("acme"), [](WorkingSet& set, absl::Time now) {
        ExpireDue(now, set);
      });
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(options_.stats->out_of_resources, 1);
  EXPECT_EQ(options_.stats->expired.value(), 4);
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
  EXPECT_EQ(options_.stats->given_up.value(), 1);
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
  EXPECT_EQ(RetriesBy("40001"), 1);
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

// The server's details quote rows, and these what callers sent.
TEST_F(PostgresTest, LogsNoRows) {
  std::string log;
  options_.log = [&](absl::string_view line) { absl::StrAppend(&log, line); };
  Open();
  MakeAcme();
  RunSql(uri_,
         "ALTER TABLE budget.ledger ADD CONSTRAINT planted "
         "CHECK (actor <> 'planted-actor')");
  EXPECT_EQ(Change(PlanForChain("acme"),
                   [](WorkingSet& set, absl::Time now) {
                     AddEntry(set, now).actor = "planted-actor";
                   })
                .code(),
            absl::StatusCode::kInternal);
  EXPECT_NE(log.find("\"planted\""), std::string::npos) << log;
  EXPECT_EQ(log.find("planted-actor"), std::string::npos) << log;
}

TEST_F(PostgresTest, CountsItsConnections) {
  MakeAcme();
  ASSERT_TRUE(store_->Ping().ok());
  const PostgresStats& stats = *options_.stats;
  EXPECT_EQ(stats.writers.connected.value(), 1);
  EXPECT_EQ(stats.writers.idle.value(), 1);
  EXPECT_EQ(stats.writers.in_use.value(), 0);
  EXPECT_EQ(stats.readers.connected.value(), 1);
  EXPECT_EQ(Change(PlanForChain("acme"),
                   [&](WorkingSet&, absl::Time) {
                     EXPECT_EQ(stats.writers.in_use.value(), 1);
                     EXPECT_EQ(stats.writers.idle.value(), 0);
                   }),
            absl::OkStatus());
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
