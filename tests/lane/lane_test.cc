#include "server/lane/lane.h"

#include <memory>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/virtual_clock.h"

namespace budget {
namespace {

using absl::Milliseconds;

constexpr CallerId kAnybody = 0;
constexpr CallerId kFlood = 1;
constexpr CallerId kOther = 2;

class LaneTest : public ::testing::Test {
 protected:
  void Start(const LaneOptions& options) { lane_.emplace(options); }

  Part PartOf(Effect effect, size_t operations, absl::Duration patience,
              CallerId caller = kAnybody, bool crowds = false) {
    auto submission = std::make_shared<Submission>();
    submission->deadline = clock_.Now() + patience;
    submission->caller = caller;
    Part part{.submission = submission, .effect = effect, .crowds = crowds};
    part.indexes.resize(operations);
    return part;
  }
  Lane::Admission Push(Part part) {
    return lane_->Push(part, clock_.Now());
  }
  // Whether it was taken in.
  bool Hold(size_t operations = 1,
            absl::Duration patience = absl::InfiniteDuration()) {
    return Push(PartOf(Effect::kHolds, operations, patience)).let_in;
  }
  bool Free(size_t operations = 1,
            absl::Duration patience = absl::InfiniteDuration()) {
    return Push(PartOf(Effect::kOnlyFrees, operations, patience)).let_in;
  }
  bool HoldBy(CallerId caller) {
    return Push(PartOf(Effect::kHolds, 1, absl::InfiniteDuration(), caller))
        .let_in;
  }
  void Crowd(int holds, Effect effect = Effect::kHolds) {
    for (int i = 0; i < holds; ++i) {
      EXPECT_TRUE(Push(PartOf(effect, 1, absl::InfiniteDuration(), kFlood,
                              /*crowds=*/true))
                      .let_in);
    }
  }

  // The effects of the next batch, "FFH", which the store has not finished;
  // small letters are of who crowds.
  std::string Begin(Lane::CrowdOnly size = Lane::CrowdOnly::kFull) {
    lane_->BecomesReady(clock_.Now());
    const Lane::Batch batch = lane_->Pop(clock_.Now(), size);
    late_ = batch.late.size();
    std::string effects;
    for (const Part& part : batch.parts) {
      const bool holds = part.effect == Effect::kHolds;
      effects += part.crowds ? (holds ? 'h' : 'f') : (holds ? 'H' : 'F');
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
  const auto refused =
      Push(PartOf(Effect::kHolds, 1, absl::InfiniteDuration()));
  EXPECT_FALSE(refused.let_in);
  EXPECT_GT(refused.wait, Milliseconds(1390));
  EXPECT_LT(refused.wait, Milliseconds(1410));
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

TEST_F(LaneTest, WhoHasNothingWaitingDoesNotPayForTheQueueOfOthers) {
  Start(kOptions);
  Pacing(Milliseconds(300));
  Hold();
  Begin();
  while (HoldBy(kFlood)) {}
  EXPECT_TRUE(HoldBy(kOther));
  EXPECT_FALSE(HoldBy(kFlood));
}

TEST_F(LaneTest, CallersHaveEqualPartsOfTheRoom) {
  Start({.batch_operations_max = 4,
         .queue_operations_max = 6,
         .queue_wait_max = absl::Seconds(1)});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(HoldBy(kFlood));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(HoldBy(kOther)) << i;
  EXPECT_FALSE(HoldBy(kFlood));
  EXPECT_FALSE(HoldBy(kOther));
  EXPECT_TRUE(HoldBy(kAnybody));
  // And all of it again where they are alone.
  Run(), Run();
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(HoldBy(kFlood)) << i;
  EXPECT_FALSE(HoldBy(kFlood));
}

TEST_F(LaneTest, WhoIsRefusedWithItsShareInTheQueueCrowds) {
  Start(kOptions);
  Pacing(Milliseconds(300));
  Hold();
  Begin();
  while (HoldBy(kFlood)) EXPECT_TRUE(HoldBy(kOther));
  const auto more = [&](CallerId caller) {
    return Push(PartOf(Effect::kHolds, 1, absl::InfiniteDuration(), caller));
  };
  EXPECT_TRUE(more(kFlood).crowds);
  EXPECT_FALSE(more(kAnybody).crowds);
}

TEST_F(LaneTest, WhoHasNothingInTheQueueDoesNotCrowdThoughItIsRefused) {
  Start(kOptions);
  Hold();
  Begin();
  clock_.Advance(absl::Seconds(2));
  const auto refused =
      Push(PartOf(Effect::kHolds, 1, absl::Seconds(1), kOther));
  EXPECT_FALSE(refused.let_in);
  EXPECT_FALSE(refused.crowds);
}

TEST_F(LaneTest, WhoMakesOthersWaitForLongCrowdsThoughItIsLetIn) {
  Start({.batch_operations_max = 4,
         .queue_operations_max = 100,
         .queue_wait_max = Milliseconds(200)});
  Pacing(Milliseconds(300));
  Hold();
  Begin();
  const auto crowds = [&](CallerId caller, size_t operations) {
    const auto admission = Push(
        PartOf(Effect::kHolds, operations, absl::InfiniteDuration(), caller));
    EXPECT_TRUE(admission.let_in);
    return admission.crowds;
  };
  EXPECT_FALSE(crowds(kFlood, 2));
  EXPECT_FALSE(crowds(kOther, 1));
  EXPECT_TRUE(crowds(kFlood, 1));
  EXPECT_FALSE(crowds(kOther, 1));
}

constexpr LaneOptions kLarge = {.batch_operations_max = 16,
                                .queue_operations_max = 100,
                                .queue_wait_max = absl::Seconds(1)};

TEST_F(LaneTest, ACrowdStandsBehindOthersAndRidesWithThem) {
  Start(kLarge);
  Crowd(20);
  Crowd(1, Effect::kOnlyFrees);
  for (int i = 0; i < 8; ++i) Hold();
  EXPECT_FALSE(lane_->HasOnlyCrowd());
  EXPECT_EQ(Run(), "HHHHHHHHfh");
  EXPECT_TRUE(lane_->HasOnlyCrowd());
}

TEST_F(LaneTest, ACrowdIsLeftAnEighthHoweverManyOthersThereAre) {
  Start(kLarge);
  Crowd(20);
  for (int i = 0; i < 40; ++i) Hold();
  EXPECT_EQ(Run(), "HHHHHHHHHHHHHHhh");
}

TEST_F(LaneTest, ACrowdHasFullBatchesWhereItIsAlone) {
  Start(kLarge);
  Crowd(20);
  EXPECT_EQ(Run().size(), 16u);
}

TEST_F(LaneTest, ASmallBatchOfACrowdIsAnEighthOfAFullOne) {
  Start(kLarge);
  Crowd(20);
  EXPECT_EQ(Begin(Lane::CrowdOnly::kSmall), "hh");
}

TEST_F(LaneTest, ACrowdHasSmallBatchesWhereOthersHaveJustBeenServed) {
  Start(kLarge);
  Crowd(40);
  Hold();
  EXPECT_EQ(Run(), "Hh");
  EXPECT_EQ(Run(), "hh");
  clock_.Advance(Milliseconds(100));
  EXPECT_EQ(Run().size(), 16u);
}

TEST_F(LaneTest, OthersAreLetInHoweverLongACrowdHasWaitedForItsTurn) {
  Start(kLarge);
  Crowd(1);
  lane_->BecomesReady(clock_.Now());
  lane_->WaitForTurn();
  clock_.Advance(absl::Seconds(2));
  const auto crowd = Push(
      PartOf(Effect::kHolds, 1, absl::Seconds(2), kFlood, /*crowds=*/true));
  EXPECT_FALSE(crowd.let_in);
  EXPECT_TRUE(Hold(1, absl::Seconds(2)));
  lane_->EndWait(clock_.Now());
  Run(Milliseconds(10));
  // Nor does a later one pay for it.
  Crowd(1);
  Begin();
  EXPECT_TRUE(Hold(1, Milliseconds(100)));
}

TEST_F(LaneTest, ABatchGrowsUntilItIsFullOfWhatMayBeInIt) {
  Start(kLarge);
  Crowd(16);
  EXPECT_EQ(lane_->MayGrowUntil(clock_.Now()), absl::InfinitePast());
  EXPECT_EQ(lane_->MayGrowUntil(clock_.Now(), Lane::CrowdOnly::kSmall),
            absl::InfiniteFuture());
  for (int i = 0; i < 12; ++i) Hold();
  EXPECT_EQ(lane_->MayGrowUntil(clock_.Now()), absl::InfiniteFuture());
  Hold();
  EXPECT_EQ(lane_->MayGrowUntil(clock_.Now()), absl::InfinitePast());
}

}  // namespace
}  // namespace budget
