#include "server/rpc/refusals.h"

#include <chrono>

#include "gtest/gtest.h"

namespace budget {
namespace {

using std::chrono::seconds;

const Refusals::Time kStart{};

TEST(RefusalsTest, LastsThreeSecondsAtFirst) {
  Refusals refusals(seconds(60));
  EXPECT_FALSE(refusals.Has("a", kStart));
  refusals.Add("a", kStart);
  EXPECT_TRUE(refusals.Has("a", kStart + seconds(2)));
  EXPECT_FALSE(refusals.Has("a", kStart + seconds(3)));
  EXPECT_FALSE(refusals.Has("b", kStart));
}

TEST(RefusalsTest, LastsTwiceAsLongEachTime) {
  Refusals refusals(seconds(60));
  Refusals::Time now = kStart;
  for (const seconds length : {seconds(3), seconds(6), seconds(12), seconds(24),
                               seconds(48), seconds(60), seconds(60)}) {
    refusals.Add("a", now);
    EXPECT_TRUE(refusals.Has("a", now + length - seconds(1)));
    EXPECT_FALSE(refusals.Has("a", now + length));
    now += length;
    refusals.Forget(now);
  }
}

TEST(RefusalsTest, ACrowdThatIsCutAtOnceCountsOnce) {
  Refusals refusals(seconds(60));
  for (int i = 0; i < 1000; ++i) refusals.Add("a", kStart);
  EXPECT_FALSE(refusals.Has("a", kStart + seconds(3)));
}

TEST(RefusalsTest, WhoKeepsQuietBeginsAnew) {
  Refusals refusals(seconds(60));
  refusals.Add("a", kStart);
  refusals.Forget(kStart + seconds(6));
  refusals.Add("a", kStart + seconds(6));
  EXPECT_FALSE(refusals.Has("a", kStart + seconds(9)));
}

TEST(RefusalsTest, ZeroRefusesNobody) {
  Refusals refusals(seconds(0));
  refusals.Add("a", kStart);
  EXPECT_FALSE(refusals.Has("a", kStart));
}

}  // namespace
}  // namespace budget
