#include "server/lane/dispatcher.h"

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/lane/sweeper.h"
#include "tests/lane/dispatcher_fixture.h"

namespace budget {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(DispatcherTest, AnswersEachOperationInItsOrder) {
  Start();
  const Answer answer =
      Submit({ReserveOf("acme/a", 1), SettleOf("acme", 2), ReserveOf("b", 3)});
  EXPECT_THAT(answer.Reasons(), ElementsAre(Reason::kAllocationNotFound,
                                            Reason::kReservationNotFound,
                                            Reason::kAllocationNotFound));
}

TEST_F(DispatcherTest, GathersOneBatchWhileAnotherCommits) {
  Start();
  OccupyAcme();
  std::vector<Answer> answers;
  for (int i = 1; i <= 20; ++i) {
    answers.push_back(Submit({ReserveOf("acme", i)}));
  }
  store_.Open();
  for (const Answer& answer : answers) answer.Reasons();
  EXPECT_THAT(store_.transactions(), SizeIs(2));
}

TEST_F(DispatcherTest, WhatComesWhileOtherReplicasWriteJoinsTheBatch) {
  Start();
  store_.TakeTurn();
  const Answer first = Submit({ReserveOf("acme", 1)});
  store_.AwaitTurnsAsked(1);
  const Answer second = Submit({ReserveOf("acme", 2)});
  store_.GiveTurn();
  first.Reasons();
  second.Reasons();
  EXPECT_THAT(store_.transactions(), SizeIs(1));
}

TEST_F(DispatcherTest, RunsWhatFreesCapacityBeforeWhatHolds) {
  Start({.batch_operations_max = 1});
  OccupyAcme();
  const Answer reserve = Submit({ReserveOf("acme", 1)});
  const Answer settle = Submit({SettleOf("acme", 2)});
  store_.Open();
  reserve.Reasons();
  settle.Reasons();
  const auto transactions = store_.transactions();
  ASSERT_THAT(transactions, SizeIs(3));
  EXPECT_THAT(transactions[1].reservations, ElementsAre(Id(2)));
  EXPECT_THAT(transactions[2].reservations, ElementsAre(Id(1)));
}

TEST_F(DispatcherTest, NeverSplitsTheOperationsOfOneRootInASubmission) {
  Start({.batch_operations_max = 1});
  Submit({ReserveOf("acme", 1), SettleOf("acme", 2), ReserveOf("acme", 3)})
      .Reasons();
  ASSERT_THAT(store_.transactions(), SizeIs(1));
  EXPECT_THAT(store_.transactions()[0].reservations,
              UnorderedElementsAre(Id(1), Id(2), Id(3)));
}

TEST_F(DispatcherTest, DropsWhatIsPastItsDeadlineBeforeTheTransaction) {
  Start();
  EXPECT_THAT(Submit({ReserveOf("acme", 1)}, kLate).Reasons(),
              ElementsAre(Reason::kDeadlineExceeded));
  EXPECT_THAT(store_.transactions(), SizeIs(0));
}

TEST_F(DispatcherTest, ReportsAStorageFailureToEveryCallerOfTheBatch) {
  Start();
  store_.Fail("acme", absl::UnavailableError("storage is away"));
  EXPECT_THAT(Submit({ReserveOf("acme", 1), SettleOf("acme", 2)}).Reasons(),
              ElementsAre(Reason::kStorageUnavailable,
                          Reason::kStorageUnavailable));
}

TEST_F(DispatcherTest, ServesAgainAfterAStorageFailure) {
  Start();
  store_.Fail("acme", absl::UnavailableError("storage is away"));
  Submit({ReserveOf("acme", 1)}).Reasons();
  store_.Fail("acme", absl::OkStatus());
  EXPECT_THAT(Submit({ReserveOf("acme", 1)}).Reasons(),
              ElementsAre(Reason::kAllocationNotFound));
}

// Roots that share the lane of "acme".
std::string NeighbourOfAcme(int lanes) {
  for (int i = 0;; ++i) {
    const std::string root = "n" + std::to_string(i);
    if (LaneOf(root, lanes) == LaneOf("acme", lanes)) return root;
  }
}

TEST_F(DispatcherTest, RunsInHalvesWhatThereIsNoRoomFor) {
  Start();
  store_.HaveRoomFor(2);
  const Answer answer =
      Submit({SettleOf("acme", 1), SettleOf("acme", 2), SettleOf("acme", 3),
              SettleOf("acme", 4), SettleOf("acme", 5)});
  EXPECT_THAT(answer.Reasons(),
              AllOf(SizeIs(5), Each(Reason::kReservationNotFound)));
  std::vector<size_t> sizes;
  std::vector<Uuid> served;
  for (const FakeStore::Transaction& transaction : store_.transactions()) {
    const std::vector<Uuid>& ids = transaction.reservations;
    sizes.push_back(ids.size());
    if (ids.size() <= 2) served.insert(served.end(), ids.begin(), ids.end());
  }
  EXPECT_THAT(sizes, ElementsAre(5, 3, 2, 1, 2));
  EXPECT_THAT(served, ElementsAre(Id(1), Id(2), Id(3), Id(4), Id(5)));
}

TEST_F(DispatcherTest, WhatFollowsOnAFailureInTheOtherHalfIsNotTried) {
  Start();
  store_.HaveRoomFor(1);
  store_.FailOnce("acme", absl::UnavailableError("storage is away"));
  EXPECT_THAT(Submit({ReserveOf("acme", 1), SettleOf("acme", 2)}).Reasons(),
              ElementsAre(Reason::kStorageUnavailable,
                          Reason::kStorageUnavailable));
}

TEST_F(DispatcherTest, ARootThatIsStoppedInOneHalfIsNotRunInTheOther) {
  int broken = 0;
  Start({.on_broken = [&](absl::string_view, const absl::Status&) {
    ++broken;
  }});
  store_.HaveRoomFor(1);
  store_.FailOnce("acme", absl::InternalError("a constraint fired"));
  EXPECT_THAT(Submit({SettleOf("acme", 1), SettleOf("acme", 2),
                      SettleOf("acme", 3), SettleOf("acme", 4)})
                  .Reasons(),
              Each(Reason::kInvariantBroken));
  EXPECT_THAT(store_.transactions(), SizeIs(3));
  EXPECT_EQ(broken, 1);
}

TEST_F(DispatcherTest, AFailureInOneHalfIsOfItsRootAlone) {
  Start();
  const std::string other = OtherOfTheLaneOfAcme();
  store_.HaveRoomFor(1);
  store_.FailOnce("acme", absl::UnavailableError("storage is away"));
  EXPECT_THAT(Submit({SettleOf("acme", 1), SettleOf(other, 2)}).Reasons(),
              ElementsAre(Reason::kStorageUnavailable,
                          Reason::kReservationNotFound));
}

TEST_F(DispatcherTest, WhatCannotBeDividedAsksForRoomEverLessOften) {
  Start();
  store_.HaveNoRoomFor(8);
  const absl::Time began = clock_.Now();
  EXPECT_THAT(Submit({SettleOf("acme", 1)}).Reasons(),
              ElementsAre(Reason::kReservationNotFound));
  EXPECT_EQ(clock_.Now() - began,
            absl::Milliseconds(10 + 20 + 40 + 80 + 160 + 3 * 250));
}

TEST_F(DispatcherTest, WhatFindsNoRoomInTimeIsNotSaidToBeLate) {
  Start();
  store_.HaveNoRoomFor(1);
  store_.FailOnce("acme", absl::DeadlineExceededError("out of time"));
  EXPECT_THAT(Submit({SettleOf("acme", 1)}).Reasons(),
              ElementsAre(Reason::kStorageUnavailable));
}

TEST_F(DispatcherTest, StopsOnlyTheRootWhoseInvariantIsBroken) {
  std::vector<std::string> broken;
  Start({.on_broken = [&](absl::string_view root, const absl::Status&) {
    broken.emplace_back(root);
  }});
  const std::string neighbour = NeighbourOfAcme(store_.lanes());
  store_.Fail("acme", absl::InternalError("a constraint fired"));
  EXPECT_THAT(
      Submit({ReserveOf("acme", 1), ReserveOf(neighbour, 2)}).Reasons(),
      ElementsAre(Reason::kInvariantBroken, Reason::kAllocationNotFound));
  EXPECT_THAT(broken, ElementsAre("acme"));
}

TEST_F(DispatcherTest, KeepsAStoppedRootAwayFromTheDatabase) {
  Start();
  store_.Fail("acme", absl::InternalError("a constraint fired"));
  Submit({ReserveOf("acme", 1)}).Reasons();
  const size_t before = store_.transactions().size();
  EXPECT_THAT(Submit({ReserveOf("acme", 2)}).Reasons(),
              ElementsAre(Reason::kInvariantBroken));
  EXPECT_THAT(store_.transactions(), SizeIs(before));
}

TEST_F(DispatcherTest, AnswersAnEmptySubmission) {
  Start();
  EXPECT_THAT(Submit({}).Reasons(), SizeIs(0));
}

TEST_F(DispatcherTest, DrainAnswersWhatIsInsideAndRefusesTheRest) {
  Start({.queue_operations_max = 1 << 30});
  OccupyAcme();
  const Answer inside = Submit({ReserveOf("acme", 1)});
  std::thread drain([&] { dispatcher_->Drain(); });
  // A submission that is answered at once shows that the drain has begun.
  while (!Submit({SettleOf("acme", 9)}, kLate).answered()) {
    std::this_thread::yield();
  }
  EXPECT_THAT(Submit({ReserveOf("acme", 2)}).Reasons(),
              ElementsAre(Reason::kDraining));
  store_.Open();
  drain.join();
  EXPECT_THAT(inside.Reasons(), ElementsAre(Reason::kAllocationNotFound));
}

// What calls the dispatcher when the last callback that holds it is freed.
class SubmitsAtTheEnd {
 public:
  SubmitsAtTheEnd(Dispatcher& dispatcher, Answer answer)
      : dispatcher_(dispatcher), answer_(std::move(answer)) {}
  ~SubmitsAtTheEnd() {
    dispatcher_.Submit({SettleOf("acme", 2)},
                       {.deadline = absl::InfiniteFuture()},
                       answer_.Callback());
  }

 private:
  Dispatcher& dispatcher_;
  Answer answer_;
};

TEST_F(DispatcherTest, FreesWhatACallbackHoldsWithoutALock) {
  Start();
  Answer second;
  auto held = std::make_shared<SubmitsAtTheEnd>(*dispatcher_, second);
  dispatcher_->Submit({SettleOf("acme", 1)},
                      {.deadline = absl::InfiniteFuture()},
                      [held = std::move(held)](std::vector<OperationResult>) {
                      });
  EXPECT_THAT(second.Reasons(), ElementsAre(Reason::kReservationNotFound));
}

TEST_F(DispatcherTest, SweepsEveryRootThatIsDue) {
  Start();
  store_.SetRootsDue({"acme", "beta"});
  EXPECT_EQ(SweepAll(store_, clock_, *dispatcher_), absl::OkStatus());
  std::set<std::string> swept;
  for (const auto& transaction : store_.transactions()) {
    swept.insert(transaction.roots.begin(), transaction.roots.end());
  }
  EXPECT_THAT(swept, UnorderedElementsAre("acme", "beta"));
}

TEST_F(DispatcherTest, SweepsAgainAsLongAsSomethingIsDue) {
  Start();
  store_.SetRootsDue({"acme"}, 3);
  EXPECT_TRUE(SweepAll(store_, clock_, *dispatcher_).ok());
  EXPECT_THAT(store_.transactions(), SizeIs(3));
}

TEST_F(DispatcherTest, DoesNotWaitForATurnWhereTheBatchIsFull) {
  Start({.batch_operations_max = 2});
  OccupyAcme();
  const int turns = store_.turns_asked();
  const Answer full = Submit({ReserveOf("acme", 1), ReserveOf("acme", 2)});
  store_.Open();
  full.Reasons();
  EXPECT_EQ(store_.turns_asked(), turns);
}

TEST_F(DispatcherTest, GivesUpATurnThatItHasNoUseFor) {
  Start();
  store_.TakeTurn();
  const Answer late =
      Submit({ReserveOf("acme", 1)},
             {.deadline = clock_.Now() + absl::Seconds(1)});
  store_.AwaitTurnsAsked(1);
  clock_.Advance(absl::Seconds(2));
  store_.GiveTurn();
  EXPECT_THAT(late.Reasons(), ElementsAre(Reason::kDeadlineExceeded));
  EXPECT_EQ(store_.turns_held(), 0);
}

TEST_F(DispatcherTest, ReportsASweepThatFailed) {
  Start();
  store_.SetRootsDue({"acme"});
  store_.Fail("acme", absl::UnavailableError("storage is away"));
  EXPECT_FALSE(SweepAll(store_, clock_, *dispatcher_).ok());
}

TEST_F(DispatcherTest, ARootThatFailsDoesNotKeepOthersFromBeingSwept) {
  Start();
  store_.SetRootsDue({"acme", "beta"}, 3);
  store_.Fail("acme", absl::InternalError("broken"));
  EXPECT_FALSE(SweepAll(store_, clock_, *dispatcher_).ok());
  int sweeps = 0;
  for (const auto& transaction : store_.transactions()) {
    sweeps += transaction.roots == std::vector<std::string>{"beta"};
  }
  EXPECT_EQ(sweeps, 3);
}

}  // namespace
}  // namespace budget
