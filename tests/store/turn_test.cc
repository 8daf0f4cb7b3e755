#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "tests/store/hand_made.h"
#include "tests/store/store_kit.h"
#include "tests/support/postgres_fixture.h"

// Replicas that write in one lane take turns.
namespace budget::testing {
namespace {

constexpr char kWaiting[] =
    "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted";

class TurnTest : public ::testing::Test {
 protected:
  TurnTest() : uri_(FreshDatabase()), ours_(Open()), theirs_(Open()) {
    EXPECT_EQ(Change(*ours_, lane_,
                     [](WorkingSet& set, absl::Time now) {
                       AddAllocation(set, "acme", now);
                     }),
              absl::OkStatus());
  }

  template <typename Body>
  absl::Status Change(Store& store, Turn turn, Body body,
                      absl::Duration patience = absl::Seconds(60)) {
    const LoadPlan plan = PlanForChain("acme");
    return store.Transact(
        std::move(turn), {&plan, 1},
        [&](WorkingSets& sets, absl::Time now) { body(*sets.at(0), now); },
        absl::Now() + patience);
  }

  absl::Status AddOne(Store& store, Turn turn,
                      absl::Duration patience = absl::Seconds(60)) {
    return Change(
        store, std::move(turn),
        [](WorkingSet& set, absl::Time now) { AddEntry(set, now); }, patience);
  }

  Turn AwaitTurn(Store& store) {
    return store.AwaitTurn(lane_, absl::Now() + absl::Seconds(60));
  }

  // Ours has to wait while theirs writes.
  void Meet() {
    std::thread waiting;
    EXPECT_EQ(Change(*theirs_, lane_,
                     [&](WorkingSet& set, absl::Time now) {
                       AddEntry(set, now);
                       if (waiting.joinable()) return;
                       waiting = std::thread([&] {
                         EXPECT_EQ(AddOne(*ours_, lane_), absl::OkStatus());
                       });
                       while (RunSql(uri_, kWaiting) != "t") {
                       }
                       RunSql(uri_, "SELECT pg_sleep(0.001)");
                     }),
              absl::OkStatus());
    waiting.join();
  }

  std::string Entries() {
    return RunSql(uri_, "SELECT count(*) FROM budget.ledger");
  }

  const int lane_ = LaneOf("acme", kLanes);
  const std::string uri_;
  std::unique_ptr<Store> ours_;
  std::unique_ptr<Store> theirs_;

 private:
  std::unique_ptr<Store> Open() { return OpenReplica(uri_); }
};

TEST_F(TurnTest, IsNotHeldByAReplicaThatHasMetNobody) {
  EXPECT_FALSE(AwaitTurn(*theirs_).held());
}

TEST_F(TurnTest, IsHeldForNobodyWhoIsOutOfTime) {
  Meet();
  EXPECT_FALSE(ours_->AwaitTurn(lane_, absl::Now()).held());
}

TEST_F(TurnTest, IsHeldWhereAnotherReplicaWasMet) {
  Meet();
  EXPECT_TRUE(AwaitTurn(*ours_).held());
}

TEST_F(TurnTest, KeepsOthersOutUntilItIsGivenUp) {
  Meet();
  {
    const Turn turn = AwaitTurn(*ours_);
    ASSERT_TRUE(turn.held());
    EXPECT_EQ(AddOne(*theirs_, lane_, absl::Milliseconds(50)).code(),
              absl::StatusCode::kUnavailable);
  }
  EXPECT_EQ(AddOne(*theirs_, lane_), absl::OkStatus());
}

TEST_F(TurnTest, IsUsedByOneTransaction) {
  Meet();
  const std::string before = Entries();
  Turn turn = AwaitTurn(*ours_);
  ASSERT_TRUE(turn.held());
  EXPECT_EQ(AddOne(*ours_, std::move(turn)), absl::OkStatus());
  EXPECT_EQ(AddOne(*theirs_, lane_), absl::OkStatus());
  EXPECT_EQ(Entries(), std::to_string(std::stoi(before) + 2));
}

TEST_F(TurnTest, IsGivenUpByATransactionThatChangesNothing) {
  Meet();
  Turn turn = AwaitTurn(*ours_);
  ASSERT_TRUE(turn.held());
  EXPECT_EQ(Change(*ours_, std::move(turn), [](WorkingSet&, absl::Time) {}),
            absl::OkStatus());
  EXPECT_EQ(AddOne(*theirs_, lane_), absl::OkStatus());
}

TEST_F(TurnTest, ThatIsLostWithItsConnectionIsWaitedForAgain) {
  Meet();
  Turn turn = AwaitTurn(*ours_);
  ASSERT_TRUE(turn.held());
  KillConnections(uri_);
  EXPECT_EQ(AddOne(*ours_, std::move(turn)), absl::OkStatus());
}

// One that takes longer each time than a replica may stand still gets more time
// after the first.
TEST_F(TurnTest, IsKeptByAReplicaThatIsOnlySlow) {
  EXPECT_EQ(Change(*ours_, lane_,
                   [&](WorkingSet& set, absl::Time now) {
                     RunSql(uri_, "SELECT pg_sleep(2.2)");
                     AddEntry(set, now);
                   },
                   absl::Seconds(30)),
            absl::OkStatus());
}

TEST_F(TurnTest, IsTakenFromAReplicaThatStandsStill) {
  bool others_went_on = false;
  EXPECT_EQ(Change(*ours_, lane_,
                   [&](WorkingSet& set, absl::Time now) {
                     if (!others_went_on) {
                       EXPECT_EQ(AddOne(*theirs_, lane_), absl::OkStatus());
                     }
                     others_went_on = true;
                     AddEntry(set, now);
                   }),
            absl::OkStatus());
  EXPECT_TRUE(others_went_on);
}

}  // namespace
}  // namespace budget::testing
