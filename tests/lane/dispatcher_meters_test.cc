// What the dispatcher counts.

#include <memory>

#include "gtest/gtest.h"
#include "tests/lane/dispatcher_fixture.h"

namespace budget {
namespace {

class DispatcherMetersTest : public DispatcherTest {
 protected:
  DispatcherOptions Options() { return {.meters = meters_}; }
  int64_t ShedBy(Shed shed) {
    return meters_->shed[static_cast<size_t>(shed)].value();
  }
  const LaneMeters::OfKind& Of(const Operation& operation) {
    return meters_->operations[OperationKind(operation)];
  }

  const std::shared_ptr<LaneMeters> meters_ = std::make_shared<LaneMeters>();
};

TEST_F(DispatcherMetersTest, CountOperationsByKindAndReason) {
  Start(Options());
  Submit({ReserveOf("acme", 1), SettleOf("acme", 2), Sweep{.root = "acme"}})
      .Reasons();
  const auto not_found = static_cast<size_t>(Reason::kAllocationNotFound);
  const auto no_hold = static_cast<size_t>(Reason::kReservationNotFound);
  EXPECT_EQ(Of(ReserveOf("acme", 1)).not_granted[not_found].value(), 1);
  EXPECT_EQ(Of(SettleOf("acme", 2)).not_granted[no_hold].value(), 1);
  EXPECT_EQ(Of(Sweep{}).granted.value(), 1);
  EXPECT_EQ(Of(Reserve{.validate_only = true}).granted.value(), 0);
  EXPECT_EQ(meters_->batch_operations.sum(), 3);
  EXPECT_EQ(meters_->operations_inside.value(), 0);
}

TEST_F(DispatcherMetersTest, CountWhatIsTurnedAwayByItsCause) {
  DispatcherOptions options = Options();
  options.queue_operations_max = 1;
  Start(options);
  OccupyAcme();
  const Answer waits = Submit({ReserveOf("acme", 1)});
  Submit({ReserveOf("acme", 2)}).Reasons();
  EXPECT_EQ(meters_->operations_inside.value(), 2);
  const Answer late = Submit({ReserveOf(OtherThanAcme(), 3)}, kLate);
  store_.Open();
  waits.Reasons();
  late.Reasons();
  dispatcher_->Drain();
  Submit({ReserveOf("acme", 4), ReserveOf("acme", 5)}).Reasons();
  EXPECT_EQ(ShedBy(Shed::kQueue), 1);
  EXPECT_EQ(ShedBy(Shed::kDeadline), 1);
  EXPECT_EQ(ShedBy(Shed::kDraining), 2);
  EXPECT_EQ(ShedBy(Shed::kServerFull), 0);
}

TEST_F(DispatcherMetersTest, CountWhatFindsTheServerFull) {
  DispatcherOptions options = Options();
  options.inside_operations_max = 0;
  Start(options);
  EXPECT_TRUE(dispatcher_->RefusalAtTheDoor(Effect::kHolds).has_value());
  Submit({ReserveOf("acme", 1), ReserveOf("acme", 2)}).Reasons();
  EXPECT_EQ(ShedBy(Shed::kServerFull), 3);
}

TEST_F(DispatcherMetersTest, MeasureTheWaitInTheQueue) {
  Start(Options());
  OccupyAcme();
  const Answer waits = Submit({ReserveOf("acme", 1), ReserveOf("acme", 2)});
  clock_.Advance(absl::Seconds(3));
  store_.Open();
  waits.Reasons();
  dispatcher_->Drain();
  EXPECT_EQ(meters_->queue_wait_seconds.sum(),
            absl::ToInt64Nanoseconds(absl::Seconds(6)));
  EXPECT_EQ(Of(ReserveOf("acme", 1)).seconds.sum(),
            absl::ToInt64Nanoseconds(absl::Seconds(6)));
}

TEST_F(DispatcherMetersTest, CountStoppedRoots) {
  Start(Options());
  store_.Fail("acme", absl::InternalError("a constraint"));
  Submit({ReserveOf("acme", 1)}).Reasons();
  Submit({ReserveOf("acme", 2)}).Reasons();
  EXPECT_EQ(meters_->roots_stopped.value(), 1);
  const auto broken = static_cast<size_t>(Reason::kInvariantBroken);
  EXPECT_EQ(Of(ReserveOf("acme", 1)).not_granted[broken].value(), 2);
}

}  // namespace
}  // namespace budget
