#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/clock.h"
#include "server/domain/decide.h"
#include "server/store/postgres/postgres_store.h"
#include "tests/store/hand_made.h"
#include "tests/support/postgres_fixture.h"

// Reservations that are due are looked up only once roots.next_due has passed:
// if it were ever later than an open expiry, that hold would stay too long.
namespace budget::testing {
namespace {

constexpr int kReplicas = 2;
constexpr int kBatches = 150;

// One replica: a store of its own, and random operations on "acme".
class Replica {
 public:
  Replica(const std::string& uri, int number, bool lane_locks,
          Clock& clock = SystemClock())
      : number_(number), random_(number) {
    PostgresOptions options{.uri = uri, .lane_locks = lane_locks};
    options.clock = &clock;
    options.log = [](absl::string_view) {};
    // Few, so that sweeps have to go before.
    options.due_per_transaction_max = 4;
    options.passed_per_transaction_max = 8;
    options.stats = stats_;
    store_ = OpenPostgresStore(options).value();
  }

  // Transactions that did nothing but make way for others.
  int64_t sweeps() const { return stats_->sweeps; }

  Store& store() { return *store_; }

  void Run(const std::vector<Operation>& batch) { Answers(batch); }

  std::vector<Outcome> Answers(const std::vector<Operation>& batch) {
    std::vector<Outcome> outcomes;
    std::vector<const Operation*> operations;
    for (const Operation& operation : batch) operations.push_back(&operation);
    const LoadPlan plan = PlanFor(operations);
    EXPECT_EQ(store_->Transact(
                  LaneOf(plan.root, store_->lanes()), {&plan, 1},
                  [&](WorkingSets& sets, absl::Time now) {
                    outcomes =
                        Decide(operations, now, DecideOptions(), *sets[0]);
                  },
                  absl::Now() + absl::Seconds(60)),
              absl::OkStatus());
    return outcomes;
  }

  std::vector<Operation> Next() {
    std::vector<Operation> batch(1 + Number(4));
    for (Operation& operation : batch) operation = One();
    return batch;
  }

 private:
  int Number(int below) { return static_cast<int>(random_() % below); }
  // Any of any replica.
  Uuid Known() { return IdOf(Number(kReplicas) * 10'000 + Number(made_ + 1)); }
  // Over before the next operation, soon, or never in this test.
  absl::Duration Ttl() {
    constexpr absl::Duration kTtls[] = {
        absl::Microseconds(1), absl::Milliseconds(3), absl::Milliseconds(20),
        absl::Minutes(10), absl::Hours(12)};
    return kTtls[Number(5)];
  }

  Operation One() {
    switch (Number(10)) {
      case 0:
        return Settle{.root = "acme", .id = Known(), .final = Number(2) == 0};
      case 1:
        return Release{"acme", Known()};
      case 2:
      case 3: {
        AdjustReservation adjust{.root = "acme", .id = Known()};
        adjust.ttl = Ttl();
        return adjust;
      }
      case 4:
        return Sweep{.root = "acme"};
      case 5:
        return SetLimit{
            .context = {IdOf((number_ + 1) * 1'000'000 + ++requests_), "test"},
            .path = "acme",
            .limit = LifetimeUsd(absl::StrCat("l", number_, "-", requests_),
                                 std::nullopt)};
      default: {
        Reserve reserve{.id = IdOf(number_ * 10'000 + ++made_)};
        ReservePayload& payload = reserve.payload.Edit();
        payload.ttl = Ttl();
        payload.allocations = {"acme"};
        payload.amounts[Unit::kUsdNanos] = 1;
        return reserve;
      }
    }
  }

  const int number_;
  std::mt19937 random_;
  const std::shared_ptr<PostgresStats> stats_ =
      std::make_shared<PostgresStats>();
  std::unique_ptr<Store> store_;
  int made_ = 0;
  int requests_ = 0;
};

class NextDueTest : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(LaneLocks, NextDueTest, ::testing::Bool());

TEST_P(NextDueTest, IsNeverLaterThanAnOpenExpiry) {
  const std::string uri = FreshDatabase();
  std::vector<std::unique_ptr<Replica>> replicas;
  for (int i = 0; i < kReplicas; ++i) {
    replicas.push_back(std::make_unique<Replica>(uri, i, GetParam()));
  }
  replicas[0]->Run(
      {CreateAllocation{.context = {IdOf(900'000), "test"}, .path = "acme"}});
  std::vector<std::thread> threads;
  for (const auto& replica : replicas) {
    threads.emplace_back([&uri, &replica] {
      for (int i = 0; i < kBatches; ++i) {
        replica->Run(replica->Next());
        if (i % 10 == 0) {
          EXPECT_TRUE(replica->store().PurgeEnded({}, 5).ok());
        }
        ASSERT_EQ(RunSql(uri,
                         "SELECT count(*) FROM budget.roots r "
                         "JOIN budget.reservations x ON x.root = r.root "
                         "WHERE x.state = 1 AND (r.next_due IS NULL "
                         "  OR r.next_due > x.expires_at)"),
                  "0");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const absl::StatusOr<VerifyReport> report =
      replicas[0]->store().Verify("acme", {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->discrepancies_total, 0)
      << report->discrepancies[0].subject;
}

Reserve HoldFor(int number, absl::Duration ttl) {
  Reserve reserve{.id = IdOf(number)};
  ReservePayload& payload = reserve.payload.Edit();
  payload.ttl = ttl;
  payload.allocations = {"acme"};
  payload.amounts[Unit::kUsdNanos] = 1;
  return reserve;
}

std::vector<std::string> RootsInTheLaneOf(const std::string& root,
                                          size_t count) {
  std::vector<std::string> others;
  for (int i = 0; others.size() < count; ++i) {
    std::string other = absl::StrCat("r", i);
    if (LaneOf(other, kLanes) == LaneOf(root, kLanes)) others.push_back(other);
  }
  return others;
}

class NextDueAloneTest : public ::testing::Test {
 protected:
  NextDueAloneTest() {
    replica_.Run(
        {CreateAllocation{.context = {IdOf(900'000), "test"}, .path = "acme"}});
  }

  std::string NextDue() {
    return RunSql(uri_,
                  "SELECT coalesce(next_due::text, 'none') FROM budget.roots");
  }
  std::string FirstOpenExpiry() {
    return RunSql(uri_,
                  "SELECT min(expires_at)::text FROM budget.reservations "
                  "WHERE state = 1");
  }
  // Ended ones like the one that is there, with other ids and times of expiry.
  void CopyEnded(int copies, const std::string& expires_at) {
    RunSql(uri_, absl::StrCat(
                     "CREATE TEMP TABLE ended AS "
                     "  SELECT e.* FROM budget.reservations e, "
                     "    generate_series(1, ", copies, ") WHERE state <> 1;"
                     "UPDATE ended SET id = gen_random_uuid(), expires_at = ",
                     expires_at, ";"
                     "INSERT INTO budget.reservations SELECT * FROM ended"));
  }
  // The head of "acme", under another name.
  void CopyRoot(const std::string& name) {
    RunSql(uri_, absl::StrCat("INSERT INTO budget.roots SELECT '", name,
                              "', last_sequence, last_time, last_allocation, "
                              "last_limit, price_version, next_due, "
                              "catalog_sequence FROM budget.roots "
                              "WHERE root = 'acme'"));
  }
  void MakeDue() {
    RunSql(uri_, "UPDATE budget.roots SET next_due = now()");
  }

  const std::string uri_ = FreshDatabase();
  Replica replica_{uri_, 0, /*lane_locks=*/true};
};

TEST_F(NextDueAloneTest, ASweepThatFindsNothingIsNotMadeAgain) {
  replica_.Run({HoldFor(1, absl::Minutes(10))});
  replica_.Run({Settle{.root = "acme", .id = IdOf(1)}});
  MakeDue();
  EXPECT_EQ(replica_.store().RootsDue(10)->size(), 1u);
  replica_.Run({Sweep{.root = "acme"}});
  EXPECT_EQ(NextDue(), "none");
  EXPECT_TRUE(replica_.store().RootsDue(10)->empty());
}

TEST_F(NextDueAloneTest, EndedOnesOnTheWayArePassedBy) {
  for (int i = 1; i <= 20; ++i) {
    replica_.Run({HoldFor(i, absl::Minutes(i))});
    if (i < 20) replica_.Run({Release{"acme", IdOf(i)}});
  }
  MakeDue();
  replica_.Run({Sweep{.root = "acme"}});
  EXPECT_EQ(NextDue(), FirstOpenExpiry());
}

TEST_F(NextDueAloneTest, IsABoundWhereTooManyHaveEndedOnTheWay) {
  replica_.Run({HoldFor(1, absl::Minutes(1))});
  replica_.Run({HoldFor(2, absl::Minutes(30))});
  replica_.Run({Release{"acme", IdOf(1)}});
  // More than are looked at.
  CopyEnded(600, "expires_at + random() * interval '1 minute'");
  MakeDue();
  replica_.Run({Sweep{.root = "acme"}});
  const std::string bound = NextDue();
  EXPECT_NE(bound, "none");
  EXPECT_LT(bound, FirstOpenExpiry());
}

// As after an outage of all replicas: what ended meanwhile is on the way to
// what has expired, here at the very moment of many others.
TEST_F(NextDueAloneTest, WhatHasEndedOnTheWayIsPassedByInSteps) {
  replica_.Run({HoldFor(1, absl::Minutes(1))});
  replica_.Run({Release{"acme", IdOf(1)}});
  CopyEnded(100, "now() - random() * interval '1 minute'");
  replica_.Run({HoldFor(2, absl::Minutes(10)), HoldFor(3, absl::Minutes(10))});
  RunSql(uri_, absl::StrCat(
                   "UPDATE budget.reservations SET expires_at = m.at "
                   "FROM (SELECT min(expires_at) AS at "
                   "  FROM budget.reservations) m WHERE id IN "
                   "(SELECT id FROM budget.reservations WHERE state <> 1 "
                   "  LIMIT 40) OR id = '",
                   IdOf(2).ToString(), "'"));
  RunSql(uri_, "UPDATE budget.roots SET next_due = now() - interval '1 hour'");
  int steps = 0;
  while (!replica_.store().RootsDue(10)->empty()) {
    replica_.Run({Sweep{.root = "acme"}});
    ++steps;
  }
  EXPECT_GE(steps, 6);
  EXPECT_EQ(RunSql(uri_, "SELECT count(*) FROM budget.reservations "
                         "WHERE state = 1"),
            "1");
  EXPECT_EQ(NextDue(), FirstOpenExpiry());
}

// What one transaction passes by is bounded, however many roots it is of.
TEST_F(NextDueAloneTest, RootsOfOneTransactionShareWhatItPassesBy) {
  replica_.Run({HoldFor(1, absl::Minutes(1))});
  replica_.Run({Release{"acme", IdOf(1)}});
  CopyEnded(100, "now() - random() * interval '1 minute'");
  const std::string other = RootsInTheLaneOf("acme", 1).front();
  CopyRoot(other);
  RunSql(uri_, absl::StrCat("CREATE TEMP TABLE copy AS "
                            "  SELECT * FROM budget.reservations;"
                            "UPDATE copy SET root = '", other, "';"
                            "INSERT INTO budget.reservations "
                            "  SELECT * FROM copy"));
  RunSql(uri_, "UPDATE budget.roots SET next_due = now() - interval '1 hour'");
  const std::vector<LoadPlan> plans = {{.root = "acme"}, {.root = other}};
  int steps = 0;
  for (; !replica_.store().RootsDue(10)->empty(); ++steps) {
    ASSERT_EQ(replica_.store().Transact(
                  LaneOf("acme", kLanes), plans, [](WorkingSets&, absl::Time) {},
                  absl::Now() + absl::Seconds(60)),
              absl::OkStatus());
  }
  EXPECT_GE(steps, 20);  // of four each; of eight each it would be twelve
}

class MoreDueTest : public NextDueAloneTest {
 protected:
  // Twenty holds of one nano that have expired, under a cap.
  void FillUnder(int64_t cap) {
    replica_.Run({SetLimit{.context = {IdOf(900'001), "test"},
                           .path = "acme",
                           .limit = LifetimeUsd("cap", cap)}});
    for (int i = 1; i <= 20; ++i) {
      replica_.Run({HoldFor(i, absl::Minutes(10))});
    }
    RunSql(uri_, "UPDATE budget.reservations SET expires_at = now();"
                 "UPDATE budget.roots SET next_due = now() - interval '1 s'");
  }

  // Holds `usd_nanos`, or from `least` on what fits.
  Outcome Hold(int64_t usd_nanos, std::optional<int64_t> least = {}) {
    Reserve hold = HoldFor(21, absl::Minutes(10));
    hold.payload.Edit().amounts[Unit::kUsdNanos] = usd_nanos;
    if (least) {
      hold.payload.Edit().minimum.emplace()[Unit::kUsdNanos] = least;
    }
    return replica_.Answers({hold})[0];
  }
};

TEST_F(MoreDueTest, AHoldThatFitsAnywayWaitsForNoSweep) {
  FillUnder(100);
  EXPECT_TRUE(Hold(80).ok());
  EXPECT_EQ(replica_.sweeps(), 0);
}

TEST_F(MoreDueTest, AHoldThatWouldBeDeniedSeesAllThatIsDueEndedFirst) {
  FillUnder(20);
  EXPECT_TRUE(Hold(20).ok());
  EXPECT_GE(replica_.sweeps(), 5);
}

TEST_F(MoreDueTest, NobodyWaitsBecauseAnotherIsDeniedInAnyCase) {
  FillUnder(100);
  Reserve fits = HoldFor(21, absl::Minutes(10));
  Reserve never = HoldFor(22, absl::Minutes(10));
  never.payload.Edit().amounts[Unit::kUsdNanos] = 1000;
  const std::vector<Outcome> outcomes = replica_.Answers({fits, never});
  EXPECT_TRUE(outcomes[0].ok());
  EXPECT_FALSE(outcomes[1].ok());
  EXPECT_EQ(replica_.sweeps(), 0);
}

// The system clock; every second look at it, one more hold of "acme" expires.
class ExpiringClock final : public Clock {
 public:
  explicit ExpiringClock(std::string uri) : uri_(std::move(uri)) {}

  absl::Time Now() const override {
    if (++looks_ % 2 == 0) {
      RunSql(uri_,
             "UPDATE budget.reservations SET expires_at = now() "
             "WHERE id = (SELECT id FROM budget.reservations "
             "  WHERE state = 1 AND expires_at > now() LIMIT 1);"
             "UPDATE budget.roots SET next_due = now() - interval '1 hour' "
             "WHERE root = 'acme'");
    }
    return absl::Now();
  }
  void Sleep(absl::Duration duration) override { absl::SleepFor(duration); }

 private:
  const std::string uri_;
  mutable std::atomic<int> looks_{0};
};

// What one root may load shrinks with the roots beside it: as long as so much
// expires while all of it is ended, the rest would never be little enough.
TEST_F(MoreDueTest, ADecisionIsReachedWhileOthersGoOnExpiring) {
  replica_.Run({HoldFor(1, absl::Hours(12))});
  std::vector<LoadPlan> plans = {{.root = "acme"}};
  for (const std::string& other : RootsInTheLaneOf("acme", 3)) {
    CopyRoot(other);
    plans.push_back({.root = other});
  }
  RunSql(uri_,
         "CREATE TEMP TABLE more AS "
         "  SELECT e.* FROM budget.reservations e, generate_series(1, 5000);"
         "UPDATE more SET id = gen_random_uuid();"
         "INSERT INTO budget.reservations SELECT * FROM more;"
         "UPDATE budget.reservations SET held_usd_nanos = 0");
  RunSql(uri_, "UPDATE budget.roots SET next_due = now() - interval '1 hour'");
  ExpiringClock clock(uri_);
  Replica replica(uri_, 1, /*lane_locks=*/true, clock);
  EXPECT_EQ(replica.store().Transact(
                LaneOf("acme", kLanes), plans,
                [](WorkingSets& sets, absl::Time now) {
                  for (const auto& set : sets) {
                    ExpireDue(now, *set);
                    set->undecided = set->more_due;
                  }
                },
                absl::Now() + absl::Seconds(20)),
            absl::OkStatus());
}

TEST_F(MoreDueTest, AHoldIsNotCutByWhatIsDue) {
  FillUnder(20);
  EXPECT_EQ(Hold(20, 1).reservation->held[Unit::kUsdNanos], 20);
}

}  // namespace
}  // namespace budget::testing
