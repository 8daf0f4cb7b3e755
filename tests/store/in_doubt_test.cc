#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
#include "server/store/postgres/postgres_store.h"
#include "tests/store/hand_made.h"
#include "tests/store/wired_database.h"
#include "tests/support/postgres_fixture.h"

// Whose connection is lost at COMMIT does not know what became of it, and
// rivals go on meanwhile.
namespace budget::testing {
namespace {

// Its pauses can be used.
class IdleClock final : public Clock {
 public:
  void AtNextSleep(std::function<void()> work) { work_ = std::move(work); }

  absl::Time Now() const override { return SystemClock().Now(); }
  void Sleep(absl::Duration) override {
    if (const auto work = std::exchange(work_, nullptr)) work();
  }

 private:
  std::function<void()> work_;
};

class InDoubtTest : public ::testing::Test {
 protected:
  InDoubtTest()
      : uri_(FreshDatabase()),
        database_(uri_),
        store_(Open(database_.uri(), &clock_)),
        rival_(Open(uri_, &SystemClock())) {
    MakeRoot("acme");
  }

  // Whatever a case did, the books must agree.
  void TearDown() override {
    for (const std::string& root : roots_) {
      const absl::StatusOr<VerifyReport> report = rival_->Verify(root, {});
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->discrepancies_total, 0) << root;
    }
  }

  std::unique_ptr<Store> Open(const std::string& uri, Clock* clock) {
    PostgresOptions options;
    options.uri = uri;
    options.log = [](absl::string_view) {};
    options.stats = stats_;
    options.clock = clock;
    auto store = OpenPostgresStore(options);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  static void Change(
      Store& store, const std::vector<LoadPlan>& plans,
      const std::function<void(WorkingSet&, absl::Time)>& body) {
    EXPECT_EQ(store.Transact(
                  LaneOf(plans.front().root, kLanes), plans,
                  [&](WorkingSets& sets, absl::Time now) {
                    for (const auto& set : sets) body(*set, now);
                  },
                  absl::Now() + absl::Seconds(60)),
              absl::OkStatus());
  }

  void MakeRoot(const std::string& root) {
    roots_.push_back(root);
    Change(*rival_, {PlanForChain(root)},
           [&](WorkingSet& set, absl::Time now) {
             AddAllocation(set, root, now);
             AddLimit(set, root, LifetimeUsd("cap", 1000), now);
           });
  }

  // Returns how often it was run, for each root.
  static int Hold(Store& store, const std::vector<std::string>& roots, int id,
                  int64_t usd_nanos) {
    std::vector<LoadPlan> plans;
    for (const std::string& root : roots) plans.push_back(PlanForChain(root));
    int runs = 0;
    Change(store, plans, [&](WorkingSet& set, absl::Time now) {
      ++runs;
      AddHold(set, IdOf(id), set.root.name, usd_nanos, now);
    });
    return runs;
  }

  static void Do(Store& store, const Operation& operation) {
    const std::vector<const Operation*> operations = {&operation};
    Change(store, {PlanFor(operations)},
           [&](WorkingSet& set, absl::Time now) {
             EXPECT_TRUE(Decide(operations, now, {}, set).front().ok());
           });
  }

  // The database clock falls behind the time of the root.
  void StopTheClock() {
    const absl::Time future = absl::FromUnixSeconds(
        absl::ToUnixSeconds(absl::Now() + absl::Hours(1)));
    Change(*rival_, {PlanForChain("acme")},
           [&](WorkingSet& set, absl::Time) { AddEntry(set, future); });
  }

  // What `operation` leaves behind where a rival runs `other` in place of it.
  std::unique_ptr<WorkingSet> AfterRivals(const AdjustReservation& other,
                                          const AdjustReservation& operation) {
    database_.proxy().CutNext(wire::Cut::kBeforeCommit);
    clock_.AtNextSleep([&] { Do(*rival_, other); });
    Do(*store_, operation);
    return Load(PlanForReservation("acme", operation.id));
  }

  std::unique_ptr<WorkingSet> Load(const LoadPlan& plan) {
    absl::StatusOr<Snapshot> snapshot = rival_->Read(plan);
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    return std::move(snapshot->set);
  }
  int64_t ReservedIn(const std::string& root) {
    return Load(PlanForChain(root))
        ->counters.at({1, 0})
        .counter.tally.reserved;
  }

  const std::string uri_;
  WiredDatabase database_;
  IdleClock clock_;
  const std::shared_ptr<PostgresStats> stats_ =
      std::make_shared<PostgresStats>();
  const std::unique_ptr<Store> store_;  // by the wire
  const std::unique_ptr<Store> rival_;
  std::vector<std::string> roots_;
};

TEST_F(InDoubtTest, TheNumberOfARivalIsNotTakenForItsOwn) {
  database_.proxy().CutNext(wire::Cut::kBeforeCommit);
  clock_.AtNextSleep([&] { Hold(*rival_, {"acme"}, 1, 100); });
  EXPECT_EQ(Hold(*store_, {"acme"}, 2, 10), 2);
  EXPECT_EQ(stats_->in_doubt, 1);
  EXPECT_EQ(ReservedIn("acme"), 110);
}

// The rival's entry has the same number, time, kind and reservation.
TEST_F(InDoubtTest, ARivalsAmountIsNotTakenForItsOwnWhileTheClockStands) {
  StopTheClock();
  Hold(*rival_, {"acme"}, 1, 100);
  const auto set = AfterRivals(
      {.root = "acme", .id = IdOf(1), .held = {{500}}},
      {.root = "acme", .id = IdOf(1), .held = {{400}}});
  EXPECT_EQ(set->reservations.at(IdOf(1)).reservation.held[Unit::kUsdNanos],
            400);
}

TEST_F(InDoubtTest, ARivalsTtlIsNotTakenForItsOwnWhileTheClockStands) {
  StopTheClock();
  Hold(*rival_, {"acme"}, 1, 100);
  const auto set = AfterRivals(
      {.root = "acme", .id = IdOf(1), .ttl = absl::Hours(2)},
      {.root = "acme", .id = IdOf(1), .ttl = absl::Hours(1)});
  EXPECT_EQ(set->reservations.at(IdOf(1)).reservation.expires_at,
            set->root.last_time + absl::Hours(1));
}

TEST_F(InDoubtTest, SeveralRootsAreFoundTogether) {
  std::string twin;
  for (int i = 0; twin.empty(); ++i) {
    const std::string root = absl::StrCat("root-", i);
    if (LaneOf(root, kLanes) == LaneOf("acme", kLanes)) twin = root;
  }
  MakeRoot(twin);
  database_.proxy().CutNext(wire::Cut::kAfterCommit);
  EXPECT_EQ(Hold(*store_, {"acme", twin}, 1, 100), 2);  // once for each
  EXPECT_EQ(stats_->in_doubt, 1);
  EXPECT_EQ(ReservedIn("acme"), 100);
  EXPECT_EQ(ReservedIn(twin), 100);
}

TEST_F(InDoubtTest, WhoIsLostAgainBehindTheBarrierLooksAgain) {
  int id = 0;
  for (const wire::Cut again :
       {wire::Cut::kBeforeCommit, wire::Cut::kAfterCommit}) {
    database_.proxy().CutNext(wire::Cut::kAfterCommit);
    clock_.AtNextSleep([&] { database_.proxy().CutNext(again); });
    EXPECT_EQ(Hold(*store_, {"acme"}, ++id, 100), 1);
    EXPECT_TRUE(database_.proxy().HasCut());
    EXPECT_EQ(stats_->in_doubt, 2 * id);
    EXPECT_EQ(ReservedIn("acme"), 100 * id);
  }
}

TEST_F(InDoubtTest, ACommitInDoubtIsLookedForHoweverLittleRoomThereIs) {
  // None for so many barriers.
  RunSql(uri_,
         "CREATE SEQUENCE budget.tries; GRANT ALL ON budget.tries TO public; "
         "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ "
         "BEGIN IF nextval('budget.tries') <= 6 THEN RAISE 'out of shared "
         "memory' USING ERRCODE = '53200'; END IF; RETURN NEW; END $$; "
         "CREATE TRIGGER no_room BEFORE UPDATE ON budget.roots FOR EACH ROW "
         "WHEN (OLD.last_sequence = NEW.last_sequence) "
         "EXECUTE FUNCTION no_room()");
  database_.proxy().CutNext(wire::Cut::kAfterCommit);
  int runs = 0;
  const LoadPlan plan = PlanForChain("acme");
  EXPECT_EQ(store_->Transact(
                LaneOf("acme", kLanes), {&plan, 1},
                [&](WorkingSets& sets, absl::Time now) {
                  ++runs;
                  AddHold(*sets[0], IdOf(2), "acme", 100, now);
                },
                absl::Now() + absl::Seconds(60)),
            absl::OkStatus());
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(RunSql(uri_, "SELECT last_value FROM budget.tries"), "7");
}

}  // namespace
}  // namespace budget::testing
