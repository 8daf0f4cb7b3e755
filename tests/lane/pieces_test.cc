#include "server/lane/pieces.h"

#include <deque>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace budget {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PiecesTest : public ::testing::Test {
 protected:
  // As many operations as that of the root.
  RootBatch Of(const std::string& root, int operations) {
    RootBatch batch = {.root = root};
    for (int i = 0; i < operations; ++i) {
      batch.items.push_back(
          {&operations_.emplace_back(), &results_.emplace_back()});
    }
    return batch;
  }

  // The root of each operation of the first piece.
  static std::vector<std::string> Roots(const Pieces& pieces) {
    std::vector<std::string> roots;
    for (const RootBatch& batch : pieces.first()) {
      roots.insert(roots.end(), batch.items.size(), batch.root);
    }
    return roots;
  }

  // The same of every piece, as if each ran.
  static std::vector<std::vector<std::string>> All(Pieces pieces) {
    std::vector<std::vector<std::string>> all;
    for (; !pieces.empty(); pieces.Ran()) all.push_back(Roots(pieces));
    return all;
  }

  // Whether each operation, in the order in which it was made, was refused.
  std::vector<bool> Refused() const {
    std::vector<bool> refused;
    for (const OperationResult& result : results_) {
      refused.push_back(!result.outcome.ok());
    }
    return refused;
  }

  std::deque<Operation> operations_;
  std::deque<OperationResult> results_;
};

TEST_F(PiecesTest, NothingIsNoPiece) {
  EXPECT_TRUE(Pieces({}).empty());
}

TEST_F(PiecesTest, AtFirstAllIsOne) {
  const Pieces pieces({Of("acme", 2), Of("beta", 1)});
  EXPECT_THAT(All(pieces), ElementsAre(ElementsAre("acme", "acme", "beta")));
}

TEST_F(PiecesTest, HalvesARootWhereTheMiddleIs) {
  Pieces pieces({Of("acme", 3)});
  ASSERT_TRUE(pieces.Halve());
  ASSERT_THAT(Roots(pieces), SizeIs(2));
  EXPECT_EQ(pieces.first()[0].items[1].operation, &operations_[1]);
  pieces.Ran();
  ASSERT_THAT(Roots(pieces), SizeIs(1));
  EXPECT_EQ(pieces.first()[0].items[0].operation, &operations_[2]);
  EXPECT_EQ(pieces.first()[0].items[0].result, &results_[2]);
}

TEST_F(PiecesTest, KeepsRootsWholeThatAreInOneHalf) {
  Pieces pieces({Of("acme", 1), Of("beta", 2), Of("gamma", 1)});
  ASSERT_TRUE(pieces.Halve());
  EXPECT_THAT(All(pieces), ElementsAre(ElementsAre("acme", "beta"),
                                       ElementsAre("beta", "gamma")));
}

TEST_F(PiecesTest, WhatFollowsStaysBehindTheHalvesOfAHalf) {
  Pieces pieces({Of("acme", 2), Of("beta", 2)});
  ASSERT_TRUE(pieces.Halve());
  ASSERT_TRUE(pieces.Halve());
  EXPECT_THAT(All(pieces), ElementsAre(ElementsAre("acme"), ElementsAre("acme"),
                                       ElementsAre("beta", "beta")));
}

TEST_F(PiecesTest, OneOperationHasNoHalves) {
  Pieces pieces({Of("acme", 1)});
  EXPECT_FALSE(pieces.Halve());
  EXPECT_THAT(All(pieces), ElementsAre(ElementsAre("acme")));
}

TEST_F(PiecesTest, EachRootBecomesOne) {
  Pieces pieces({Of("acme", 2), Of("beta", 1)});
  ASSERT_TRUE(pieces.DivideByRoot());
  EXPECT_FALSE(pieces.DivideByRoot());
  EXPECT_THAT(All(pieces),
              ElementsAre(ElementsAre("acme", "acme"), ElementsAre("beta")));
}

TEST_F(PiecesTest, RefusesWhatFollowsInTheRoot) {
  Pieces pieces({Of("acme", 6), Of("beta", 2)});
  ASSERT_TRUE(pieces.Halve());
  ASSERT_TRUE(pieces.Halve());
  pieces.Refuse(absl::UnavailableError("away"));
  EXPECT_THAT(All(pieces), ElementsAre(ElementsAre("beta", "beta")));
  EXPECT_THAT(Refused(), ElementsAre(true, true, true, true, true, true, false,
                                     false));
}

TEST_F(PiecesTest, RefusesNothingOfAnotherRoot) {
  Pieces pieces({Of("acme", 1), Of("beta", 1)});
  ASSERT_TRUE(pieces.Halve());
  pieces.Refuse(absl::UnavailableError("away"));
  EXPECT_THAT(Refused(), ElementsAre(true, false));
  pieces.Refuse(absl::UnavailableError("away"));
  EXPECT_THAT(Refused(), Each(true));
  EXPECT_THAT(All(pieces), IsEmpty());
}

}  // namespace
}  // namespace budget
