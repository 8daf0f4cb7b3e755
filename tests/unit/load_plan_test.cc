#include "server/domain/load_plan.h"

#include <gtest/gtest.h>

namespace budget {
namespace {

const Uuid kId = *Uuid::Parse("0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e0f");
const Uuid kRequest = *Uuid::Parse("0192f0c1-7a2b-7c3d-8e4f-5a6b7c8d9e10");

LoadPlan Plan(const Operation& operation) {
  const Operation* pointer = &operation;
  return PlanFor({&pointer, 1});
}

using Paths = std::set<std::string>;

TEST(LoadPlanTest, AReserveNeedsEveryChainItsIdAndItsModel) {
  Reserve op{.id = kId};
  ReservePayload& payload = op.payload.Edit();
  payload.allocations = {"acme/a/x", "acme/b"};
  payload.usage = ModelUsage{.model = "small"};
  const LoadPlan plan = Plan(op);
  EXPECT_EQ(plan.root, "acme");
  EXPECT_EQ(plan.paths, (Paths{"acme", "acme/a", "acme/a/x", "acme/b"}));
  EXPECT_EQ(plan.reservations, (std::set<Uuid>{kId}));
  EXPECT_EQ(plan.models, (Paths{"small"}));
  EXPECT_TRUE(plan.requests.empty());
}

TEST(LoadPlanTest, WhatConcernsAReservationNeedsOnlyThat) {
  for (const Operation& operation :
       {Operation(Release{.root = "acme", .id = kId}),
        Operation(Settle{.root = "acme", .id = kId}),
        Operation(AdjustReservation{.root = "acme", .id = kId})}) {
    const LoadPlan plan = Plan(operation);
    EXPECT_EQ(plan.root, "acme");
    EXPECT_EQ(plan.reservations, (std::set<Uuid>{kId}));
    EXPECT_TRUE(plan.paths.empty());
  }
}

TEST(LoadPlanTest, AdministrationNeedsItsRequestAndItsChain) {
  const LoadPlan plan =
      Plan(Freeze{.context = {.request_id = kRequest}, .path = "acme/a"});
  EXPECT_EQ(plan.paths, (Paths{"acme", "acme/a"}));
  EXPECT_EQ(plan.requests, (std::set<Uuid>{kRequest}));
}

TEST(LoadPlanTest, SettingALimitNeedsItsHistoryAndArchivingTheChildren) {
  SetLimit set;
  set.path = "acme/a";
  set.limit.name = "month";
  const LoadPlan history = Plan(set);
  ASSERT_EQ(history.histories.size(), 1u);
  EXPECT_EQ(history.histories[0].path, "acme/a");
  EXPECT_EQ(history.histories[0].limit.name, "month");
  ArchiveAllocation archive;
  archive.path = "acme/a";
  EXPECT_EQ(Plan(archive).children_of, (Paths{"acme/a"}));
}

TEST(LoadPlanTest, ABatchNeedsAllOfItAndATransferBothSides) {
  const Operation transfer =
      TransferCap{.from = {.path = "acme/a"}, .to = {.path = "acme/b"}};
  const Operation release = Release{.root = "acme", .id = kId};
  const std::vector<const Operation*> batch = {&transfer, &release};
  const LoadPlan plan = PlanFor(batch);
  EXPECT_EQ(plan.paths, (Paths{"acme", "acme/a", "acme/b"}));
  EXPECT_EQ(plan.reservations, (std::set<Uuid>{kId}));
}

TEST(LoadPlanTest, ReadsNeedTheChainOrTheReservation) {
  EXPECT_EQ(PlanForChain("acme/a/x").paths,
            (Paths{"acme", "acme/a", "acme/a/x"}));
  EXPECT_EQ(PlanForReservation("acme", kId).reservations,
            (std::set<Uuid>{kId}));
}

TEST(OperationTest, ConcernsOneRoot) {
  Reserve reserve;
  reserve.payload.Edit().allocations = {"acme/a"};
  EXPECT_EQ(RootOf(Operation(reserve)), "acme");
  EXPECT_EQ(RootOf(Operation(Sweep{.root = "acme"})), "acme");
  SetPrices prices;
  prices.root = "acme";
  EXPECT_EQ(RootOf(Operation(prices)), "acme");
  EXPECT_EQ(RootOf(Operation(Unfreeze{.path = "acme/a"})), "acme");
  EXPECT_EQ(RootOf(Operation(TransferCap{.from = {.path = "acme/a"}})), "acme");
}

TEST(OperationTest, KnowsWhatFreesCapacity) {
  EXPECT_TRUE(FreesCapacity(Settle{}));
  EXPECT_TRUE(FreesCapacity(Release{}));
  EXPECT_TRUE(FreesCapacity(RecordUsage{}));
  EXPECT_TRUE(FreesCapacity(Sweep{}));
  EXPECT_FALSE(FreesCapacity(Reserve{}));
  EXPECT_FALSE(FreesCapacity(AdjustReservation{}));
  EXPECT_FALSE(FreesCapacity(SetLimit{}));
  EXPECT_EQ(AdminContextOf(Operation(Reserve{})), nullptr);
  EXPECT_NE(AdminContextOf(Operation(SetLimit{})), nullptr);
}

}  // namespace
}  // namespace budget
