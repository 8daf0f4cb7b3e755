#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "server/store/postgres/postgres_store.h"
#include "tests/store/hand_made.h"
#include "tests/support/postgres_fixture.h"

// A database that has forgotten what was acknowledged agrees with itself. Who
// remembers it can tell.
namespace budget::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class AcknowledgedTest : public ::testing::Test {
 protected:
  AcknowledgedTest() : store_(Open()) {
    Change([](WorkingSet& set, absl::Time now) {
      AddAllocation(set, "acme", now);
      AddLimit(set, "acme", LifetimeUsd("cap", 1000), now);
    });
    Hold(1);
    Hold(2);
  }

  std::unique_ptr<Store> Open() {
    PostgresOptions options;
    options.uri = uri_;
    options.log = [this](absl::string_view line) {
      absl::MutexLock lock(&mutex_);
      log_.emplace_back(line);
    };
    auto store = OpenPostgresStore(options);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  template <typename Body>
  void Change(Body body) {
    const LoadPlan plan = PlanForChain("acme");
    EXPECT_EQ(store_->Transact(
                  LaneOf("acme", kLanes), {&plan, 1},
                  [&](WorkingSets& sets, absl::Time now) {
                    body(*sets.at(0), now);
                  },
                  absl::Now() + absl::Seconds(60)),
              absl::OkStatus());
  }
  // Entry 3 is the first one.
  void Hold(int id) {
    Change([id](WorkingSet& set, absl::Time now) {
      AddHold(set, IdOf(id), "acme", 100, now);
    });
  }

  // Takes the database back to entry 3, as a standby that did not have more.
  void ForgetTheSecondHold() {
    RunSql(uri_, "DELETE FROM budget.ledger WHERE sequence = 4");
    RunSql(uri_, absl::StrCat("DELETE FROM budget.reservations WHERE id = '",
                              IdOf(2).ToString(), "'"));
    RunSql(uri_, "UPDATE budget.counters SET reserved = 100");
    RunSql(uri_, "UPDATE budget.roots SET last_sequence = 3");
  }

  // The server goes, and is found again.
  void LoseConnections() {
    KillConnections(uri_);
    EXPECT_EQ(store_->Ping(), absl::OkStatus());
  }

  static std::string Verify(Store& store,
                            std::vector<ExpectedEntry> expected = {}) {
    const auto report = store.Verify("acme", {.entries = std::move(expected)});
    EXPECT_TRUE(report.ok()) << report.status();
    return absl::StrJoin(report->discrepancies, "\n",
                         [](std::string* out, const Discrepancy& found) {
                           absl::StrAppend(out, found.subject, ": ",
                                           found.ledger, ", ", found.stored);
                         });
  }

  std::string Log() {
    absl::MutexLock lock(&mutex_);
    return absl::StrJoin(log_, "\n");
  }

  const std::string uri_ = FreshDatabase();
  absl::Mutex mutex_;
  std::vector<std::string> log_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Store> store_;
};

TEST_F(AcknowledgedTest, NothingIsReportedWhereNothingIsLost) {
  LoseConnections();
  Hold(3);
  EXPECT_THAT(Verify(*store_), IsEmpty());
  EXPECT_THAT(Log(), Not(HasSubstr("acknowledged_lost")));
}

TEST_F(AcknowledgedTest, AReplicaReportsWhatItHadCommittedAndIsGone) {
  ForgetTheSecondHold();
  LoseConnections();
  EXPECT_THAT(Log(),
              AllOf(HasSubstr("acknowledged_lost: entry 4 of root acme"),
                    HasSubstr("ends at entry 3")));
  EXPECT_THAT(Verify(*store_),
              AllOf(HasSubstr("entry 4: ends at entry 3"),
                    HasSubstr("entry 4 was acknowledged")));
}

TEST_F(AcknowledgedTest, ItGoesOnReportingWhenTheNumberIsGivenOutAgain) {
  ForgetTheSecondHold();
  LoseConnections();
  Hold(5);
  Hold(6);
  EXPECT_THAT(Verify(*store_),
              HasSubstr(absl::StrCat("entry 4: has another one, for "
                                     "reservation ",
                                     IdOf(5).ToString())));
  LoseConnections();
  EXPECT_THAT(Verify(*store_), HasSubstr("entry 4"));
}

TEST_F(AcknowledgedTest, WhoWasNotThereReportsWhatItIsToldOf) {
  ForgetTheSecondHold();
  const std::unique_ptr<Store> other = Open();
  EXPECT_THAT(Verify(*other), IsEmpty());
  EXPECT_THAT(Verify(*other, {{.sequence = 3, .reservation = IdOf(1)}}),
              IsEmpty());
  EXPECT_THAT(Verify(*other, {{.sequence = 4, .reservation = IdOf(2)}}),
              HasSubstr("entry 4: ends at entry 3"));
}

}  // namespace
}  // namespace budget::testing
