#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/store/hand_made.h"
#include "tests/store/store_kit.h"
#include "tests/support/postgres_fixture.h"

// What a synchronous standby does not have yet may be lost, however visible it
// is here: nobody may be told that it was done.
namespace budget::testing {
namespace {

class StandbyTest : public ::testing::Test {
 protected:
  StandbyTest() : uri_(FreshDatabase()), store_(Open()) {
    EXPECT_EQ(Change(*store_, PlanForChain("acme"),
                     [](WorkingSet& set, absl::Time now) {
                       AddAllocation(set, "acme", now);
                       AddLimit(set, "acme", LifetimeUsd("cap", 1000), now);
                     }),
              absl::OkStatus());
    SetStandbys("absent");
    AwaitThatCommitsWait();
  }
  ~StandbyTest() override { SetStandbys(""); }

  std::unique_ptr<Store> Open() { return OpenReplica(uri_); }

  void SetStandbys(const std::string& names) {
    RunSql(uri_, absl::StrCat("ALTER SYSTEM SET synchronous_standby_names = '",
                              names, "'"));
    RunSql(uri_, "SELECT pg_reload_conf()");
  }

  template <typename Body>
  static absl::Status Change(Store& store, LoadPlan plan, Body body,
                             absl::Duration patience = absl::Seconds(60)) {
    return store.Transact(
        LaneOf(plan.root, kLanes), {&plan, 1},
        [&](WorkingSets& sets, absl::Time now) { body(*sets.at(0), now); },
        absl::Now() + patience);
  }

  static absl::Status Hold(Store& store, int id,
                           absl::Duration patience = absl::Seconds(60)) {
    LoadPlan plan = PlanForChain("acme");
    plan.reservations.insert(IdOf(id));
    return Change(
        store, plan,
        [&](WorkingSet& set, absl::Time now) {
          if (set.reservations.contains(IdOf(id))) return;  // a replay
          AddHold(set, IdOf(id), "acme", 1, now);
        },
        patience);
  }

  std::string Waiting() {
    return RunSql(uri_,
                  "SELECT count(*) FROM pg_stat_activity "
                  "WHERE wait_event = 'SyncRep'");
  }
  void CancelWaits() {
    RunSql(uri_,
           "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity "
           "WHERE wait_event = 'SyncRep'");
  }

  // The setting takes effect when a process of the server has read it.
  void AwaitThatCommitsWait() {
    for (int table = 1;; ++table) {
      std::atomic<bool> over{false};
      std::thread writer([&] {
        RunSql(uri_, absl::StrCat("CREATE TABLE probe_", table, " ()"));
        over = true;
      });
      bool waited = false;
      while (!over) {
        if (Waiting() == "0") continue;
        waited = true;
        CancelWaits();
      }
      writer.join();
      if (waited) return;
    }
  }

  // Makes a hold that is here, and whose wait for the standby is cancelled
  // until its caller gives up. What the caller is told.
  absl::Status HoldAndCancel(int id) {
    std::atomic<bool> over{false};
    std::thread canceller([&] {
      while (!over) CancelWaits();
    });
    const absl::Status held = Hold(*store_, id, absl::Seconds(1));
    over = true;
    canceller.join();
    return held;
  }

  // Runs `call` on another replica: it must not end before the standby is
  // there or no longer needed.
  void ExpectToWait(absl::FunctionRef<absl::Status(Store&)> call) {
    const std::unique_ptr<Store> other = Open();
    std::atomic<bool> answered{false};
    absl::Status status;
    std::thread caller([&] {
      status = call(*other);
      answered = true;
    });
    while (!answered && Waiting() == "0") absl::SleepFor(absl::Milliseconds(5));
    EXPECT_FALSE(answered);
    SetStandbys("");
    caller.join();
    EXPECT_EQ(status, absl::OkStatus());
  }

  const std::string uri_;
  const std::unique_ptr<Store> store_;
};

TEST_F(StandbyTest, WhoseWaitIsCancelledIsNotToldThatItWasDone) {
  EXPECT_EQ(HoldAndCancel(1).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(RunSql(uri_, "SELECT count(*) FROM budget.reservations"), "1");
}

TEST_F(StandbyTest, ARepeatIsNotAnsweredBeforeTheStandbyHasIt) {
  ASSERT_FALSE(HoldAndCancel(1).ok());
  ExpectToWait([](Store& other) { return Hold(other, 1); });
}

// "It exists already" is as good as "it was done".
TEST_F(StandbyTest, NorIsAnAdministratorWhoFindsItThere) {
  ASSERT_FALSE(HoldAndCancel(1).ok());
  LoadPlan plan = PlanForChain("acme");
  plan.requests.insert(IdOf(900));
  ExpectToWait([&](Store& other) {
    return Change(other, plan, [](WorkingSet&, absl::Time) {});
  });
}

}  // namespace
}  // namespace budget::testing
