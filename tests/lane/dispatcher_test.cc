#include "server/lane/dispatcher.h"

#include <atomic>
#include <memory>
#include <optional>
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

TEST_F(DispatcherTest, ShedsHoldsPastTheBoundAndStillTakesWhatFrees) {
  Start({.queue_operations_max = 2});
  OccupyAcme();
  const Answer first = Submit({ReserveOf("acme", 1)});
  const Answer second = Submit({ReserveOf("acme", 2)});
  const Answer shed = Submit({ReserveOf("acme", 3)});
  EXPECT_THAT(shed.Reasons(), ElementsAre(Reason::kOverloaded));
  const Answer settle = Submit({SettleOf("acme", 4)});
  EXPECT_FALSE(settle.answered());
  const Answer release = Submit({ReleaseOf("acme", 5)});
  EXPECT_FALSE(release.answered());
  const Answer shed_settle = Submit({SettleOf("acme", 6)});
  EXPECT_THAT(shed_settle.Reasons(), ElementsAre(Reason::kOverloaded));
  store_.Open();
  EXPECT_THAT(settle.Reasons(), ElementsAre(Reason::kReservationNotFound));
  EXPECT_THAT(release.Reasons(), ElementsAre(Reason::kReservationNotFound));
  EXPECT_THAT(second.Reasons(), ElementsAre(Reason::kAllocationNotFound));
}

TEST_F(DispatcherTest, ShedsWithoutDatabaseWork) {
  Start({.queue_operations_max = 0});
  EXPECT_THAT(Submit({ReserveOf("acme", 1)}).Reasons(),
              ElementsAre(Reason::kOverloaded));
  EXPECT_THAT(store_.transactions(), SizeIs(0));
}

TEST_F(DispatcherTest, SaysWhenToComeBackToWhatItSheds) {
  Start({.queue_operations_max = 0, .queue_wait_max = absl::Seconds(2)});
  const std::optional<absl::Duration> first =
      Submit({ReserveOf("acme", 1)}).RetryAfter();
  const std::optional<absl::Duration> second =
      Submit({ReserveOf("acme", 1)}).RetryAfter();
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  for (const absl::Duration wait : {*first, *second}) {
    EXPECT_GE(wait, absl::Seconds(1));
    EXPECT_LT(wait, absl::Seconds(3));
  }
}

TEST_F(DispatcherTest, ShedsHoldsOfALaneWhoseTransactionIsStuck) {
  Start({.queue_wait_max = absl::Seconds(1)});
  const Answer stuck = OccupyAcme();
  clock_.Advance(absl::Milliseconds(1001));
  EXPECT_THAT(Submit({ReserveOf("acme", 1)}).Reasons(),
              ElementsAre(Reason::kOverloaded));
  const Answer settle = Submit({SettleOf("acme", 2)});
  const Answer elsewhere = Submit({ReserveOf(OtherThanAcme(), 3)});
  store_.Open();
  EXPECT_THAT(settle.Reasons(), ElementsAre(Reason::kReservationNotFound));
  EXPECT_THAT(elsewhere.Reasons(), ElementsAre(Reason::kAllocationNotFound));
}

constexpr Dispatcher::Terms kFlood = {.deadline = absl::InfiniteFuture(),
                                      .caller = 1};
constexpr Dispatcher::Terms kOther = {.deadline = absl::InfiniteFuture(),
                                      .caller = 2};

TEST_F(DispatcherTest, KeepsBackTheRefusalsOfWhoCrowdsOutOthers) {
  Start({.queue_operations_max = 1, .refusal_wait = absl::Hours(1)});
  Submit({ReserveOf(OtherThanAcme(), 1)}, kOther).Reasons();
  OccupyAcme();
  const Answer waits = Submit({ReserveOf("acme", 2)}, kFlood);
  const Answer refused = Submit({ReserveOf("acme", 3)}, kFlood);
  EXPECT_FALSE(refused.answered());
  store_.Open();
  waits.Reasons();
  EXPECT_FALSE(refused.answered());
  dispatcher_->Drain();
  EXPECT_THAT(refused.Reasons(), ElementsAre(Reason::kOverloaded));
}

TEST_F(DispatcherTest, RefusesAtOnceWhoIsAloneInWhateverLanes) {
  Start({.queue_operations_max = 1, .refusal_wait = absl::Hours(1)});
  Submit({ReserveOf(OtherThanAcme(), 1)}, kFlood).Reasons();
  OccupyAcme();
  const Answer waits = Submit({ReserveOf("acme", 2)}, kFlood);
  EXPECT_THAT(Submit({ReserveOf("acme", 3)}, kFlood).Reasons(),
              ElementsAre(Reason::kOverloaded));
  store_.Open();
  waits.Reasons();
}

TEST_F(DispatcherTest, KeepsRoomForWhoSharesTheLaneOfAFlood) {
  Start({.queue_operations_max = 2, .refusal_wait = absl::Hours(1)});
  OccupyAcme();
  const Answer first = Submit({ReserveOf("acme", 1)}, kFlood);
  const Answer second = Submit({ReserveOf("acme", 2)}, kFlood);
  EXPECT_THAT(Submit({ReserveOf("acme", 3)}, kFlood).Reasons(),
              ElementsAre(Reason::kOverloaded));
  const Answer other = Submit({ReserveOf("acme", 4)}, kOther);
  store_.Open();
  EXPECT_THAT(other.Reasons(), ElementsAre(Reason::kAllocationNotFound));
  EXPECT_THAT(first.Reasons(), ElementsAre(Reason::kAllocationNotFound));
  EXPECT_THAT(second.Reasons(), ElementsAre(Reason::kAllocationNotFound));
}

TEST_F(DispatcherTest, KeepsBackNoMoreThanAQuarterOfWhatMayBeInside) {
  Start({.queue_operations_max = 1,
         .inside_operations_max = 4,
         .refusal_wait = absl::Hours(1)});
  Submit({ReserveOf(OtherThanAcme(), 1)}, kOther).Reasons();
  OccupyAcme();
  const Answer waits = Submit({ReserveOf("acme", 2)}, kFlood);
  const Answer kept = Submit({ReserveOf("acme", 3)}, kFlood);
  EXPECT_THAT(Submit({ReserveOf("acme", 4)}, kFlood).Reasons(),
              ElementsAre(Reason::kOverloaded));
  EXPECT_FALSE(kept.answered());
  store_.Open();
  waits.Reasons();
}

TEST_F(DispatcherTest, ShedsBeyondWhatTheServerHoldsInAllLanes) {
  Start({.inside_operations_max = 2});
  const Answer settle = OccupyAcme();
  const Answer hold = Submit({ReserveOf("acme", 1)});
  // One that is let in may be larger than the room that is left.
  const Answer holds = Submit({ReserveOf("acme", 2), ReserveOf("acme", 3)});
  EXPECT_THAT(Submit({ReserveOf(OtherThanAcme(), 4)}).Reasons(),
              ElementsAre(Reason::kOverloaded));
  const Answer settle2 = Submit({SettleOf("acme", 5)});
  EXPECT_THAT(Submit({SettleOf(OtherThanAcme(), 6)}).Reasons(),
              ElementsAre(Reason::kOverloaded));
  store_.Open();
  settle2.Reasons();
  holds.Reasons();
}

TEST_F(DispatcherTest, ShedsBeyondTheBytesThatTheServerHolds) {
  Start({.inside_bytes_max = 100});
  store_.Close();
  const Answer large = Submit({ReserveOf("acme", 1)}, {.bytes = 100});
  EXPECT_THAT(Submit({ReserveOf("acme", 2)}).Reasons(),
              ElementsAre(Reason::kOverloaded));
  store_.Open();
  large.Reasons();
}

TEST_F(DispatcherTest, CountsABatchWithAHoldAsAHold) {
  Start({.inside_operations_max = 1});
  OccupyAcme();
  const Answer mixed = Submit({SettleOf("acme", 1), ReserveOf("acme", 2)});
  EXPECT_FALSE(mixed.answered());
  EXPECT_TRUE(dispatcher_->RefusalAtTheDoor(Effect::kHolds));
  store_.Open();
  mixed.Reasons();
}

TEST_F(DispatcherTest, ABatchThatIsShedIsServedWhatFreesInIt) {
  Start({.queue_operations_max = 1});
  OccupyAcme();
  const Answer waits = Submit({ReserveOf("acme", 1)});
  const Answer mixed = Submit(
      {SettleOf("acme", 2), ReserveOf("acme", 3), ReleaseOf("acme", 4)});
  EXPECT_FALSE(mixed.answered());
  store_.Open();
  EXPECT_THAT(mixed.Reasons(),
              ElementsAre(Reason::kReservationNotFound, Reason::kOverloaded,
                          Reason::kReservationNotFound));
  waits.Reasons();
}

TEST_F(DispatcherTest, AServerThatIsFullServesWhatFreesInABatch) {
  Start({.inside_operations_max = 1});
  store_.Close();
  const Answer inside = Submit({ReserveOf("acme", 1)});
  const Answer mixed =
      Submit({ReserveOf(OtherThanAcme(), 2), SettleOf("acme", 3),
              ReserveOf("acme", 4)});
  EXPECT_FALSE(mixed.answered());
  store_.Open();
  EXPECT_THAT(mixed.Reasons(),
              ElementsAre(Reason::kOverloaded, Reason::kReservationNotFound,
                          Reason::kOverloaded));
  inside.Reasons();
  dispatcher_->Drain();
  EXPECT_FALSE(dispatcher_->RefusalAtTheDoor(Effect::kHolds));
  EXPECT_FALSE(dispatcher_->RefusalAtTheDoor(Effect::kOnlyFrees));
}

// The Settle would be told that there is no such reservation.
TEST_F(DispatcherTest, WhatBuildsUponWhatIsShedIsShedToo) {
  Start({.queue_operations_max = 1});
  OccupyAcme();
  const Answer waits = Submit({ReserveOf("acme", 1)});
  const Answer mixed = Submit(
      {ReserveOf("acme", 2), SettleOf("acme", 2), SettleOf("acme", 3)});
  store_.Open();
  EXPECT_THAT(mixed.Reasons(),
              ElementsAre(Reason::kOverloaded, Reason::kOverloaded,
                          Reason::kReservationNotFound));
  waits.Reasons();
}

TEST_F(DispatcherTest, WhatFreesIsShedWithItsBatchWhereItHasNoRoomEither) {
  Start({.queue_operations_max = 0});
  EXPECT_THAT(Submit({ReserveOf("acme", 1), SettleOf("acme", 2)}).Reasons(),
              ElementsAre(Reason::kOverloaded, Reason::kOverloaded));
  dispatcher_->Drain();
}

TEST_F(DispatcherTest, TheDoorOpensAgainWhenCallersAreAnswered) {
  Start({.inside_operations_max = 1});
  store_.Close();
  const Answer hold = Submit({ReserveOf("acme", 1)});
  const auto refusal = dispatcher_->RefusalAtTheDoor(Effect::kHolds);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, Reason::kOverloaded);
  EXPECT_TRUE(refusal->retry_after);
  EXPECT_FALSE(dispatcher_->RefusalAtTheDoor(Effect::kOnlyFrees));
  store_.Open();
  hold.Reasons();
  dispatcher_->Drain();
  EXPECT_FALSE(dispatcher_->RefusalAtTheDoor(Effect::kHolds));
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
