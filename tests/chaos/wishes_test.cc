#include "tests/chaos/wishes.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "server/domain/store.h"
#include "server/store/postgres/postgres_store.h"
#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

constexpr int kTries = 200;

bool AreOfOneLane(const std::set<int>& roots) {
  std::set<int> lanes;
  for (const int root : roots) lanes.insert(LaneOf(RootName(root), kLanes));
  return lanes.size() < roots.size();
}

TEST(WishesTest, SomeBatchesAreAboutSeveralRootsOfOneLane) {
  Wishes wishes(1);
  int of_one_lane = 0;
  for (int i = 0; i < kTries; ++i) {
    std::set<int> roots;
    for (const Intent& reserve : wishes.NewReserves()) {
      roots.insert(reserve.root);
    }
    of_one_lane += AreOfOneLane(roots);
  }
  EXPECT_GT(of_one_lane, kTries / 10);
}

// It shows if what was adjusted is adjusted once more.
TEST(WishesTest, SomeReservationsAreAdjustedAndReportedOnBeforeTheyEnd) {
  Wishes wishes(1);
  int reported = 0;
  for (int i = 0; i < kTries; ++i) {
    const std::vector<Intent> rest = wishes.RestOf(wishes.NewReserve(0));
    if (rest.size() != 3) continue;
    EXPECT_EQ(rest[0].verb, Verb::kAdjust);
    EXPECT_EQ(rest[1].verb, Verb::kSettle);
    EXPECT_FALSE(rest[1].final);
    EXPECT_TRUE(rest[2].final);
    ++reported;
  }
  EXPECT_GT(reported, kTries / 20);
}

}  // namespace
}  // namespace budget::chaos
