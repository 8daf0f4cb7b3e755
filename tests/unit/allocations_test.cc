#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/model/table.h"
#include "tests/model/world.h"

namespace budget {
namespace {

TEST(AllocationsTest, AreCreatedOnceUnderAParentThatExists) {
  EXPECT_EQ(RunTable(R"(
    create acme/a -> ALLOCATION_NOT_FOUND entries=0
    create acme request=c -> ok version=1 entries=1
    create acme request=c -> ok version=1 entries=0
    create acme/a request=c -> IDEMPOTENCY_MISMATCH
    create acme -> ALLOCATION_EXISTS
    create acme/a -> ok
    create acme/a/b/c -> ALLOCATION_NOT_FOUND
  )"), "");
}

TEST(AllocationsTest, SayInTheLedgerWhichCapsTheyBeginWith) {
  World world;
  CreateAllocation create;
  create.path = "acme";
  create.limits = {{.name = "life", .unit = Unit::kUsdNanos, .cap = 100},
                   {.name = "all", .unit = Unit::kTokens}};
  ASSERT_FALSE(world.Run(create, absl::UnixEpoch()).refusal.has_value());
  ASSERT_EQ(world.LedgerOf("acme").size(), 1u);
  const auto& detail = world.LedgerOf("acme").front().detail;
  const std::map<std::string, std::string> said(detail.begin(), detail.end());
  EXPECT_EQ(said.at("cap_to.life"), "100");
  EXPECT_EQ(said.at("counts.life"), "usd_nanos, lifetime");
  EXPECT_EQ(said.at("cap_to.all"), "none");
}

TEST(AllocationsTest, ChangeOnlyFromTheEtagTheyWereReadWith) {
  EXPECT_EQ(RunTable(R"(
    create acme
    policy acme overage=report request=p -> ok version=2 entries=1
    policy acme overage=report request=p version=1 -> ok version=2 entries=0
    policy acme overage=block request=p version=1 -> IDEMPOTENCY_MISMATCH
    policy acme overage=block version=1 -> ETAG_MISMATCH entries=0
    policy acme overage=block -> ok version=3
    policy acme/a overage=block -> ALLOCATION_NOT_FOUND
  )"), "");
}

TEST(AllocationsTest, AreArchivedFromTheLeavesAndStaySettleable) {
  EXPECT_EQ(RunTable(R"(
    create acme
    create acme/a
    limit acme.life usd lifetime cap=100
    reserve r1 acme/a usd=10
    archive acme -> ALLOCATION_NOT_EMPTY
    archive acme/a version=9 -> ETAG_MISMATCH
    archive acme/a -> ok version=2
    archive acme -> ok
    create acme/b -> ALLOCATION_ARCHIVED
    create acme/a -> ALLOCATION_EXISTS
    limit acme.more usd lifetime cap=1 -> ALLOCATION_ARCHIVED
    reserve r2 acme/a usd=1 -> ALLOCATION_ARCHIVED
    settle r1 usd=9 -> ok spent.usd=9
    check acme.life spent=9
  )"), "");
}

TEST(AllocationsTest, AreNotArchivedInTheBatchThatPutsOthersBelow) {
  World world;
  CreateAllocation root{.context = {.request_id = {.bytes = {1}}}};
  root.path = "acme";
  world.Run(root, absl::UnixEpoch());
  CreateAllocation below{.context = {.request_id = {.bytes = {2}}}};
  below.path = "acme/a";
  ArchiveAllocation archive{.context = {.request_id = {.bytes = {3}}}};
  archive.path = "acme";
  archive.version = 1;
  const std::vector<Outcome> outcomes =
      world.RunBatch({below, archive}, absl::UnixEpoch());
  EXPECT_TRUE(outcomes[0].ok());
  ASSERT_FALSE(outcomes[1].ok());
  EXPECT_EQ(outcomes[1].refusal->reason, Reason::kAllocationNotEmpty);
}

TEST(AllocationsTest, FreezeAndThaw) {
  EXPECT_EQ(RunTable(R"(
    create acme
    freeze acme request=f -> ok version=2
    freeze acme request=f -> ok version=2 entries=0
    freeze acme reason=other request=f -> IDEMPOTENCY_MISMATCH
    reserve r1 acme -> ALLOCATION_FROZEN
    unfreeze acme request=u -> ok version=3
    freeze acme -> ok version=4
    unfreeze acme request=u -> ok version=4 entries=0      # a late retry thaws nothing
    reserve r1 acme -> ALLOCATION_FROZEN
    freeze acme/a -> ALLOCATION_NOT_FOUND
    unfreeze acme/a -> ALLOCATION_NOT_FOUND
  )"), "");
}

}  // namespace
}  // namespace budget
