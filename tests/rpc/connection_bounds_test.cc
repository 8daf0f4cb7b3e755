#include "server/rpc/connection_bounds.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace budget {

bool operator==(const CutOrder& a, const CutOrder& b) {
  return a.connection == b.connection && a.why == b.why;
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int64_t kMiB = 1 << 20;

constexpr ConnectionBounds kBounds = {
    .connections_max = 10,
    .per_address_max = 4,
    .unanswered_bytes_max = 64 * kMiB,
    .unanswered_bytes_total_max = 256 * kMiB,
    .memory_bytes_max = 320 * kMiB};

TEST(WhyRefuseTest, TakesAsManyAsFit) {
  EXPECT_EQ(WhyRefuse({.open = 9, .of_address = 3}, kBounds), std::nullopt);
  EXPECT_EQ(WhyRefuse({.open = 10, .of_address = 0}, kBounds), NoRoom::kFull);
  EXPECT_EQ(WhyRefuse({.open = 9, .of_address = 4}, kBounds),
            NoRoom::kAddress);
  EXPECT_EQ(WhyRefuse({.past = Past::kCutLately}, kBounds),
            NoRoom::kCutLately);
}

// For others make room for whoever only finds it full.
TEST(WhyRefuseTest, WhoWasCutLatelyDoesNotCountAsFindingItFull) {
  EXPECT_EQ(WhyRefuse({.open = 10, .past = Past::kCutLately}, kBounds),
            NoRoom::kCutLately);
}

TEST(UnansweredTest, ACallThatIsAnsweredLeavesNothing) {
  // One operation with as much metadata as a call may have.
  Unanswered unanswered;
  Traffic traffic;
  for (int call = 0; call < 1'000'000; ++call) {
    traffic.received += 8600;
    traffic.sent += 200;
    unanswered.Update(traffic);
  }
  EXPECT_EQ(unanswered.bytes(), 0);
}

TEST(UnansweredTest, CountsWhatGetsNoAnswer) {
  Unanswered unanswered;
  unanswered.Update({.received = 5 * kMiB, .sent = 0});
  unanswered.Update({.received = 70 * kMiB, .sent = 0});
  EXPECT_EQ(unanswered.bytes(), 70 * kMiB);
}

TEST(UnansweredTest, ALittleAnswerDoesNotMakeUpForMuch) {
  Unanswered unanswered;
  unanswered.Update({.received = 70 * kMiB, .sent = 13});
  EXPECT_EQ(unanswered.bytes(), 70 * kMiB - 13 * Unanswered::kAnswerWorth);
}

TEST(UnansweredTest, AnswersAreNotSavedUp) {
  Unanswered unanswered;
  unanswered.Update({.received = 0, .sent = 500 * kMiB});
  unanswered.Update({.received = 70 * kMiB, .sent = 500 * kMiB});
  EXPECT_EQ(unanswered.bytes(), 70 * kMiB);
}

TEST(WhomToCutTest, NobodyWithinTheBounds) {
  EXPECT_THAT(WhomToCut({}, Memory::kShort, kBounds), IsEmpty());
  EXPECT_THAT(WhomToCut({64 * kMiB, 0, 64 * kMiB}, Memory::kEnough, kBounds),
              IsEmpty());
}

TEST(WhomToCutTest, EachThatIsAboveTheBoundOfOne) {
  EXPECT_THAT(
      WhomToCut({0, 65 * kMiB, 3, 66 * kMiB}, Memory::kEnough, kBounds),
      UnorderedElementsAre(CutOrder{1, Cut::kUnanswered},
                           CutOrder{3, Cut::kUnanswered}));
}

TEST(WhomToCutTest, TheGreatestUntilTheRestFits) {
  const std::vector<int64_t> bytes = {50 * kMiB, 60 * kMiB, 50 * kMiB,
                                      60 * kMiB, 50 * kMiB, 50 * kMiB};
  EXPECT_THAT(WhomToCut(bytes, Memory::kEnough, kBounds),
              UnorderedElementsAre(CutOrder{1, Cut::kTogether},
                                   CutOrder{3, Cut::kTogether}));
}

TEST(WhomToCutTest, ThoseThatAreCutAloneMakeRoomForTheRest) {
  EXPECT_THAT(WhomToCut({200 * kMiB, 60 * kMiB, 60 * kMiB}, Memory::kEnough,
                        kBounds),
              ElementsAre(CutOrder{0, Cut::kUnanswered}));
}

TEST(WhomToCutTest, InShortMemoryThoseThatAreHalfTheGreatest) {
  EXPECT_THAT(WhomToCut({9 * kMiB, 4 * kMiB, 5 * kMiB, 300}, Memory::kShort,
                        kBounds),
              ElementsAre(CutOrder{0, Cut::kMemory},
                          CutOrder{2, Cut::kMemory}));
}

TEST(WhomToCutTest, InShortMemoryACrowdOfEquals) {
  const std::vector<int64_t> crowd(1000, 200'000);
  EXPECT_EQ(WhomToCut(crowd, Memory::kShort, kBounds).size(), 1000);
}

TEST(MayFillMemoryTest, IfHalfOfItMayBeTheirs) {
  // A byte may take 64.
  EXPECT_FALSE(MayFillMemory({kMiB, kMiB}, kBounds));
  EXPECT_TRUE(MayFillMemory({2 * kMiB, kMiB}, kBounds));
}

TEST(WhomToCutTest, InShortMemoryNobodyForASingleCall) {
  const std::vector<int64_t> calls(500, 4096);
  EXPECT_THAT(WhomToCut(calls, Memory::kShort, kBounds), IsEmpty());
}

TEST(WhomToCutTest, InShortMemoryManyForASingleCallIfThatFillsIt) {
  const std::vector<int64_t> calls(2000, 4096);
  EXPECT_EQ(WhomToCut(calls, Memory::kShort, kBounds).size(), 2000);
}

TEST(WhomToCutTest, AtLastThoseThatBroughtMost) {
  EXPECT_THAT(WhomToCutAtLast({9 * kMiB, 4 * kMiB, 5 * kMiB, -kMiB, 0}),
              ElementsAre(CutOrder{0, Cut::kMemory},
                          CutOrder{2, Cut::kMemory}));
  EXPECT_THAT(WhomToCutAtLast({-kMiB, 0}), IsEmpty());
  EXPECT_THAT(WhomToCutAtLast({}), IsEmpty());
}

TEST(MemoryOfTest, IsVeryShortAtTwiceTheBound) {
  EXPECT_EQ(MemoryOf(320 * kMiB, kBounds), Memory::kEnough);
  EXPECT_EQ(MemoryOf(321 * kMiB, kBounds), Memory::kShort);
  EXPECT_EQ(MemoryOf(641 * kMiB, kBounds), Memory::kVeryShort);
}

}  // namespace
}  // namespace budget
