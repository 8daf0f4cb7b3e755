// The order of what was sent together.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/chaos/tale.h"

namespace budget::chaos {
namespace {

using ::testing::ElementsAre;

// Two calls of one batch, the first of which made the first entry.
Tale TwoOfABatch() {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  std::vector<Call>& calls = tale.evidence().calls;
  for (int place = 0; place < 2; ++place) {
    calls[place].batch = 7;
    calls[place].place = place;
    calls[place].called = calls[0].called;
    calls[place].returned = calls[1].returned;
  }
  return tale;
}

TEST(BatchOrderTest, AllowsEntriesInTheOrderOfTheirCalls) {
  Tale tale = TwoOfABatch();
  EXPECT_EQ(tale.Judge().checks(Invariant::kBatchOrder), 1);
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(BatchOrderTest, FindsEntriesInTheWrongOrder) {
  Tale tale = TwoOfABatch();
  std::swap(tale.evidence().calls[0].place, tale.evidence().calls[1].place);
  EXPECT_THAT(tale.Found(), ElementsAre("batch_order"));
}

// An attempt before, of which nobody knows when it ran, may have made them.
TEST(BatchOrderTest, AsksNothingOfEntriesThatOthersMade) {
  Tale tale = TwoOfABatch();
  Call& first = tale.evidence().calls[0];
  std::swap(first.place, tale.evidence().calls[1].place);
  first.replayed = true;
  EXPECT_EQ(tale.Judge().checks(Invariant::kBatchOrder), 0);
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(BatchOrderTest, AsksNothingOfOtherBatches) {
  Tale tale = TwoOfABatch();
  std::swap(tale.evidence().calls[0].place, tale.evidence().calls[1].place);
  tale.evidence().calls[1].batch = 8;
  EXPECT_THAT(tale.Found(), ElementsAre());
}

TEST(BatchOrderTest, FindsASettleThatRanBeforeAnAdjustment) {
  Tale tale;
  tale.Reserve(1);
  tale.Reserve(2);
  tale.Settle(1);
  tale.last_call().batch = 7;
  tale.last_call().place = 1;
  tale.Adjust(2, 10, 20);
  tale.last_call().batch = 7;
  EXPECT_THAT(tale.Found(), ElementsAre("batch_order"));
}

}  // namespace
}  // namespace budget::chaos
