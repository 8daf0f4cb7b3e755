#include "server/lane/lane.h"

#include <memory>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/virtual_clock.h"

namespace budget {
namespace {

using absl::Milliseconds;

constexpr CallerId kAnybody = 1;
constexpr CallerId kFlood = 2;

class LaneTest : public ::testing::Test {
 protected:
  void Start(const LaneOptions& options) { lane_.emplace(options); }

  Part PartOf(Effect effect, size_t operations, absl::Duration patience,
              CallerId caller = kAnybody) {
    auto submission = std::make_shared<Submission>();
    submission->deadline = clock_.Now() + patience;
    submission->caller = caller;
    Part part{.submission = submission, .effect = effect};
    part.indexes.resize(operations);
    return part;
  }
  std::optional<absl::Duration> Push(Part part) {
    return lane_->Push(part, clock_.Now());
  }
  // Whether it was taken in.
  bool Hold(size_t operations = 1,
            absl::Duration patience = absl::InfiniteDuration()) {
    return !Push(PartOf(Effect::kHolds, operations, patience));
  }
  bool Free(size_t operations = 1,
            absl::Duration patience = absl::InfiniteDuration()) {
    return !Push(PartOf(Effect::kOnlyFrees, operations, patience));
  }

  bool HoldBy(CallerId caller, size_t operations = 1) {
    return !Push(PartOf(Effect::kHolds, operations, absl::InfiniteDuration(),
                        caller));
  }

  // The effects of the next batch, "FFH", which the store has not finished; of
  // what a flood holds, "h".
  std::string Begin() {
    lane_->BecomesReady(clock_.Now());
    const Lane::Batch batch = lane_->Pop(clock_.Now());
    late_ = batch.late.size();
    std::string effects;
    for (const Part& part : batch.parts) {
      const bool flood = part.submission->caller == kFlood;
      effects += part.effect == Effect::kHolds ? (flood ? 'h' : 'H') : 'F';
    }
    return effects;
  }
  // One batch that takes so long.
  std::string Run(absl::Duration duration = Milliseconds(1)) {
    const std::string effects = Begin();
    clock_.Advance(duration);
    lane_->Finish(clock_.Now());
    return effects;
  }
  // Makes batches known to take so long.
  void Pacing(absl::Duration duration) {
    for (int i = 0; i < 40; ++i) {
      ASSERT_TRUE(Hold());
      Run(duration);
    }
  }

  testing::VirtualClock clock_;
  std::optional<Lane> lane_;
  size_t late_ = 0;  // of the last batch
};

constexpr LaneOptions kOptions = {.batch_operations_max = 4,
                                  .queue_operations_max = 100,
                                  .queue_wait_max = absl::Seconds(1)};

TEST_F(LaneTest, TakesWhatFreesBeforeWhatHolds) {
  Start(kOptions);
  Hold();
  Free();
  EXPECT_EQ(Run(), "FH");
}

TEST_F(LaneTest, AFloodOfFreesLeavesHoldsAQuarter) {
  Start(kOptions);
  Hold(), Hold(), Hold();
  for (int i = 0; i < 20; ++i) Free();
  EXPECT_EQ(Run(), "FFFH");
  EXPECT_EQ(Run(), "FFFH");
}

TEST_F(LaneTest, AFloodOfFreesLeavesHoldsTheirTurnAlsoInBatchesOfOne) {
  Start({.batch_operations_max = 1,
         .queue_operations_max = 100,
         .queue_wait_max = absl::Seconds(1)});
  Hold(), Hold();
  for (int i = 0; i < 20; ++i) Free();
  std::string order;
  for (int i = 0; i < 8; ++i) order += Run();
  EXPECT_EQ(order, "FFFHFFFH");
}

TEST_F(LaneTest, HoldsTakeWhatFreesLeave) {
  Start(kOptions);
  for (int i = 0; i < 8; ++i) Hold();
  Free();
  EXPECT_EQ(Run(), "FHHH");
  EXPECT_EQ(Run(), "HHHH");
}

TEST_F(LaneTest, EachKindHasRoomOfItsOwn) {
  Start({.batch_operations_max = 4,
         .queue_operations_max = 2,
         .queue_wait_max = absl::Seconds(1)});
  EXPECT_TRUE(Hold() && Hold());
  EXPECT_FALSE(Hold());
  EXPECT_TRUE(Free() && Free());
  EXPECT_FALSE(Free());
  Run();
  EXPECT_TRUE(Hold());
  EXPECT_TRUE(Free());
}

TEST_F(LaneTest, ShedsHoldsThatWouldWaitTooLongAndTakesFrees) {
  Start(kOptions);
  Pacing(Milliseconds(300));
  Hold();
  Begin();
  // The one under way and two full ones: 900 ms. A third makes 1.2 s.
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(Hold()) << i;
  EXPECT_FALSE(Hold());
  EXPECT_TRUE(Free());
}

TEST_F(LaneTest, ShedsWhatHalfItsPatienceWouldNotSuffice) {
  Start(kOptions);
  Pacing(Milliseconds(300));
  Hold();
  Begin();
  EXPECT_TRUE(Hold(1, Milliseconds(601)));
  EXPECT_FALSE(Hold(1, Milliseconds(599)));
  EXPECT_FALSE(Free(1, Milliseconds(599)));
}

TEST_F(LaneTest, TakesEverythingAgainWhenTheStoreIsFast) {
  Start(kOptions);
  Pacing(Milliseconds(900));
  for (int i = 0; i < 4; ++i) Hold();
  Begin();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Hold()) << i;
  EXPECT_FALSE(Hold());
  lane_->Finish(clock_.Now());
  Pacing(Milliseconds(1));
  Hold();
  Begin();
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(Hold()) << i;
}

TEST_F(LaneTest, TakesEverythingWhileIdleHoweverSlowItWas) {
  Start(kOptions);
  Pacing(absl::Seconds(5));
  EXPECT_TRUE(Hold(1, Milliseconds(1)));
}

TEST_F(LaneTest, CountsTheWaitForAWorker) {
  Start(kOptions);
  for (int i = 0; i < 40; ++i) {
    Hold();
    lane_->BecomesReady(clock_.Now());
    clock_.Advance(absl::Seconds(2));
    Run();
  }
  Hold();
  lane_->BecomesReady(clock_.Now());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Hold()) << i;
  EXPECT_FALSE(Hold());
}

TEST_F(LaneTest, LeavesTheNextBatchOpenHoweverSlowTheStoreIs) {
  Start(kOptions);
  Pacing(absl::Seconds(3));
  Hold();
  Begin();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Hold()) << i;
  EXPECT_FALSE(Hold());
}

TEST_F(LaneTest, CountsTheRoomThatFreesTakeFromHolds) {
  Start(kOptions);
  for (int i = 0; i < 20; ++i) {
    Free(3), Hold();
    Run(Milliseconds(300));
  }
  Free(3), Hold();
  Begin();
  // Each batch takes three frees and hardly more than one hold.
  EXPECT_TRUE(Hold() && Hold() && Hold() && Hold());
  EXPECT_FALSE(Hold());
}

TEST_F(LaneTest, ShedsHoldsWhileABatchIsStuck) {
  Start(kOptions);
  Hold();
  Begin();
  EXPECT_TRUE(Hold());
  clock_.Advance(Milliseconds(1001));
  EXPECT_FALSE(Hold());
}

TEST_F(LaneTest, TellsHowLongTheWaitIs) {
  Start(kOptions);
  Pacing(Milliseconds(700));
  Hold();
  Begin();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Hold()) << i;
  const auto wait = Push(PartOf(Effect::kHolds, 1, absl::InfiniteDuration()));
  ASSERT_TRUE(wait);
  EXPECT_GT(*wait, Milliseconds(1390));
  EXPECT_LT(*wait, Milliseconds(1410));
}

TEST_F(LaneTest, DropsWhatIsLateBeforeItJoinsABatch) {
  Start(kOptions);
  for (int i = 0; i < 8; ++i) Hold(1, Milliseconds(i < 4 ? 10 : 1000));
  clock_.Advance(Milliseconds(10));
  EXPECT_EQ(Run(), "HHHH");
  EXPECT_EQ(late_, 4u);
}

TEST_F(LaneTest, ABatchOfNothingButLateOnesTeachesNothing) {
  Start(kOptions);
  Pacing(Milliseconds(900));
  for (int i = 0; i < 40; ++i) {
    Hold(1, Milliseconds(1));
    clock_.Advance(Milliseconds(1));
    EXPECT_EQ(Run(), "");
  }
  Hold();
  Begin();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Hold()) << i;
  EXPECT_FALSE(Hold());
}

TEST_F(LaneTest, ServesCallersInTurn) {
  Start(kOptions);
  for (int i = 0; i < 6; ++i) HoldBy(kFlood);
  Hold(), Hold();
  EXPECT_EQ(Run(), "HhHh");
  EXPECT_EQ(Run(), "hhhh");
}

TEST_F(LaneTest, WhoHasLittleWaitingDoesNotWaitForWhoHasMuch) {
  Start(kOptions);
  Pacing(Milliseconds(300));
  Hold();
  Begin();
  while (HoldBy(kFlood)) {}
  EXPECT_TRUE(Hold());
  EXPECT_FALSE(HoldBy(kFlood));
}

TEST_F(LaneTest, ManyWithMuchEachAreShedThoughNoneHasAnythingWaiting) {
  Start(kOptions);
  Pacing(Milliseconds(300));
  Hold();
  Begin();
  int let_in = 0;
  for (CallerId caller = 10; caller < 60; ++caller) let_in += HoldBy(caller, 4);
  EXPECT_EQ(let_in, 3);
}

TEST_F(LaneTest, KnowsWhoHasItsShare) {
  Start(kOptions);
  for (int i = 0; i < 3; ++i) HoldBy(kFlood);
  Hold();
  const auto has = [&](CallerId caller) {
    return lane_->HasItsShare(
        PartOf(Effect::kHolds, 1, absl::InfiniteDuration(), caller));
  };
  EXPECT_TRUE(has(kFlood));
  EXPECT_FALSE(has(kAnybody));
}

}  // namespace
}  // namespace budget
