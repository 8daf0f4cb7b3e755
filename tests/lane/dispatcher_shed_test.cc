// What a dispatcher refuses because there is too much, and what it serves then.

#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/lane/dispatcher.h"
#include "tests/lane/dispatcher_fixture.h"

namespace budget {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class DispatcherShedTest : public DispatcherTest {};

TEST_F(DispatcherShedTest, ShedsHoldsPastTheBoundAndStillTakesWhatFrees) {
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

TEST_F(DispatcherShedTest, ShedsWithoutDatabaseWork) {
  Start({.queue_operations_max = 0});
  EXPECT_THAT(Submit({ReserveOf("acme", 1)}).Reasons(),
              ElementsAre(Reason::kOverloaded));
  EXPECT_THAT(store_.transactions(), SizeIs(0));
}

TEST_F(DispatcherShedTest, SaysWhenToComeBackToWhatItSheds) {
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

TEST_F(DispatcherShedTest, ShedsHoldsOfALaneWhoseTransactionIsStuck) {
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

TEST_F(DispatcherShedTest, KeepsBackTheRefusalsOfWhoCrowdsOutOthers) {
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

TEST_F(DispatcherShedTest, RefusesAtOnceWhoIsAloneInWhateverLanes) {
  Start({.queue_operations_max = 1, .refusal_wait = absl::Hours(1)});
  Submit({ReserveOf(OtherThanAcme(), 1)}, kFlood).Reasons();
  OccupyAcme();
  const Answer waits = Submit({ReserveOf("acme", 2)}, kFlood);
  EXPECT_THAT(Submit({ReserveOf("acme", 3)}, kFlood).Reasons(),
              ElementsAre(Reason::kOverloaded));
  store_.Open();
  waits.Reasons();
}

TEST_F(DispatcherShedTest, KeepsRoomForWhoSharesTheLaneOfAFlood) {
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

TEST_F(DispatcherShedTest, KeepsBackNoMoreThanAQuarterOfWhatMayBeInside) {
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

TEST_F(DispatcherShedTest, ShedsBeyondWhatTheServerHoldsInAllLanes) {
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

TEST_F(DispatcherShedTest, ShedsBeyondTheBytesThatTheServerHolds) {
  Start({.inside_bytes_max = 100});
  store_.Close();
  const Answer large = Submit({ReserveOf("acme", 1)}, {.bytes = 100});
  EXPECT_THAT(Submit({ReserveOf("acme", 2)}).Reasons(),
              ElementsAre(Reason::kOverloaded));
  store_.Open();
  large.Reasons();
}

TEST_F(DispatcherShedTest, CountsABatchWithAHoldAsAHold) {
  Start({.inside_operations_max = 1});
  OccupyAcme();
  const Answer mixed = Submit({SettleOf("acme", 1), ReserveOf("acme", 2)});
  EXPECT_FALSE(mixed.answered());
  EXPECT_TRUE(dispatcher_->RefusalAtTheDoor(Effect::kHolds));
  store_.Open();
  mixed.Reasons();
}

TEST_F(DispatcherShedTest, ABatchThatIsShedIsServedWhatFreesInIt) {
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

TEST_F(DispatcherShedTest, AServerThatIsFullServesWhatFreesInABatch) {
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
TEST_F(DispatcherShedTest, WhatBuildsUponWhatIsShedIsShedToo) {
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

TEST_F(DispatcherShedTest, WhatFreesIsShedWithItsBatchWhereItHasNoRoomEither) {
  Start({.queue_operations_max = 0});
  EXPECT_THAT(Submit({ReserveOf("acme", 1), SettleOf("acme", 2)}).Reasons(),
              ElementsAre(Reason::kOverloaded, Reason::kOverloaded));
  dispatcher_->Drain();
}

TEST_F(DispatcherShedTest, TheDoorOpensAgainWhenCallersAreAnswered) {
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

}  // namespace
}  // namespace budget
