#include "server/lane/batch.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace budget {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

std::vector<std::string> Roots(const std::vector<RootBatch>& batches) {
  std::vector<std::string> roots;
  for (const RootBatch& batch : batches) {
    for (size_t i = 0; i < batch.items.size(); ++i) roots.push_back(batch.root);
  }
  return roots;
}

TEST(InHalvesTest, DividesARootWhereTheMiddleIs) {
  const Operation operations[3] = {Settle{}, Release{}, Settle{}};
  OperationResult results[3];
  const RootBatch acme = {.root = "acme",
                          .items = {{&operations[0], &results[0]},
                                    {&operations[1], &results[1]},
                                    {&operations[2], &results[2]}}};
  const Halves halves = InHalves({&acme, 1});
  EXPECT_THAT(Roots(halves.first), ElementsAre("acme", "acme"));
  EXPECT_THAT(Roots(halves.second), ElementsAre("acme"));
  EXPECT_EQ(halves.first[0].items[1].operation, &operations[1]);
  EXPECT_EQ(halves.second[0].items[0].operation, &operations[2]);
  EXPECT_EQ(halves.second[0].items[0].result, &results[2]);
}

TEST(InHalvesTest, KeepsRootsWholeThatAreInOneHalf) {
  const std::vector<RootBatch> batches = {
      {.root = "acme", .items = {{}}},
      {.root = "beta", .items = {{}, {}}},
      {.root = "gamma", .items = {{}}}};
  const Halves halves = InHalves(batches);
  EXPECT_THAT(Roots(halves.first), ElementsAre("acme", "beta"));
  EXPECT_THAT(Roots(halves.second), ElementsAre("beta", "gamma"));
  const Halves quarters = InHalves(halves.second);
  EXPECT_THAT(Roots(quarters.first), ElementsAre("beta"));
  EXPECT_THAT(Roots(quarters.second), ElementsAre("gamma"));
}

TEST(InHalvesTest, OneOperationStaysWhole) {
  const RootBatch batch = {.root = "acme", .items = {{}}};
  const Halves halves = InHalves({&batch, 1});
  EXPECT_THAT(Roots(halves.first), ElementsAre("acme"));
  EXPECT_THAT(halves.second, IsEmpty());
}

}  // namespace
}  // namespace budget
