#include "tests/chaos/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "server/domain/store.h"
#include "server/store/postgres/postgres_store.h"

namespace budget::chaos {
namespace {

using ::testing::Each;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(WorldTest, TransactionsCanBeAboutSeveralRoots) {
  std::map<int, std::set<std::string>> roots_by_lane;
  for (int root = 0; root < kRoots; ++root) {
    roots_by_lane[LaneOf(RootName(root), kLanes)].insert(RootName(root));
  }
  EXPECT_THAT(roots_by_lane, SizeIs(2));
  EXPECT_THAT(roots_by_lane, Each(Pair(::testing::_, SizeIs(2))));
}

}  // namespace
}  // namespace budget::chaos
