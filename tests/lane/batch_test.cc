#include "server/lane/batch.h"

#include <memory>
#include <vector>

#include "gtest/gtest.h"

namespace budget {
namespace {

TEST(GroupByRootTest, KeepsTheOperationsOfARootInTheirOrder) {
  auto submission = std::make_shared<Submission>();
  submission->operations = {Settle{.root = "acme"}, Release{.root = "beta"},
                            Release{.root = "acme"}};
  submission->results.resize(3);
  const Part part{.submission = submission, .indexes = {0, 1, 2}};
  const std::vector<RootBatch> batches = GroupByRoot({&part, 1});
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].root, "acme");
  ASSERT_EQ(batches[0].items.size(), 2u);
  EXPECT_EQ(batches[0].items[0].operation, &submission->operations[0]);
  EXPECT_EQ(batches[0].items[1].operation, &submission->operations[2]);
}

}  // namespace
}  // namespace budget
