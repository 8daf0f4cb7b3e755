// Every administrative change says in the ledger who made it, under which
// request, and from what to what.

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "server/domain/admin.h"
#include "tests/model/world.h"

namespace budget {
namespace {

using Said = std::map<std::string, std::string>;

const absl::Time kNow = absl::FromUnixSeconds(1'795'302'000);

class AdminDetailTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Make("acme", 100);
    Make("acme/a", 60);
    Make("acme/b", 40);
  }
  void TearDown() override {
    world_.Verify();
    EXPECT_EQ(world_.problems(), std::vector<std::string>());
  }

  AdminContext Context() {
    ++requests_;
    return {.request_id = Uuid::Version7(kNow, {requests_, requests_}),
            .actor = "ops (ann)"};
  }

  void Make(const std::string& path, int64_t cap) {
    CreateAllocation op{.context = Context(), .path = path};
    op.display_name = "Name";
    op.labels = {{"cost", "42"}};
    op.limits.push_back(
        {.name = "life", .unit = Unit::kTokens, .cap = cap,
         .warn_percent = {80}});
    ASSERT_TRUE(world_.Run(op, kNow).ok());
  }

  // What the ledger says of `operation` in the last entry that it made, which
  // is by whoever made it.
  Said Run(const Operation& operation) {
    const Outcome outcome = world_.Run(operation, kNow);
    EXPECT_TRUE(outcome.ok()) << outcome.refusal->message;
    const LedgerEntry& entry = world_.LedgerOf("acme").back();
    EXPECT_EQ(entry.kind, KindOf(operation));
    EXPECT_EQ(entry.actor, "ops (ann)");
    EXPECT_EQ(entry.request, AdminContextOf(operation)->request_id);
    EXPECT_EQ(entry.at, kNow);
    return {entry.detail.begin(), entry.detail.end()};
  }

  int64_t VersionOf(const std::string& path) {
    return world_.SetOf("acme").catalog.FindAllocation(path)->version;
  }

  World world_;
  uint64_t requests_ = 0;
};

void ExpectSays(const Said& said, const Said& expected) {
  for (const auto& [key, value] : expected) {
    const auto found = said.find(key);
    EXPECT_EQ(found == said.end() ? "(nothing)" : found->second, value) << key;
  }
}

TEST_F(AdminDetailTest, CreateAllocation) {
  CreateAllocation op{.context = Context(), .path = "acme/c"};
  op.display_name = "C";
  op.labels = {{"team", "x"}};
  op.policies.overage = OveragePolicy::kReport;
  op.limits.push_back({.name = "life", .unit = Unit::kTokens, .cap = 7});
  ExpectSays(Run(op), {{"allocation", "acme/c"},
                       {"display_name", "C"},
                       {"labels", "team=x"},
                       {"policies",
                        "on_expiry=0 overage=2 unpriced=0 "
                        "unpriced_charge_usd_nanos=0 held_denial=0"},
                       {"cap_to.life", "7"},
                       {"counts.life", "tokens, lifetime"},
                       {"warn_percent_to.life", "none"}});
}

TEST_F(AdminDetailTest, UpdateAllocation) {
  UpdateAllocation op{.context = Context(),
                      .path = "acme/a",
                      .display_name = "New",
                      .labels = std::map<std::string, std::string>(),
                      .version = VersionOf("acme/a")};
  ExpectSays(Run(op), {{"allocation", "acme/a"},
                       {"display_name_from", "Name"},
                       {"display_name_to", "New"},
                       {"labels_from", "cost=42"},
                       {"labels_to", ""}});
}

TEST_F(AdminDetailTest, ArchiveAllocation) {
  ExpectSays(Run(ArchiveAllocation{.context = Context(),
                                   .path = "acme/a",
                                   .version = VersionOf("acme/a")}),
             {{"archived_from", "false"}, {"archived_to", "true"}});
}

TEST_F(AdminDetailTest, SetLimitThatIsNew) {
  SetLimit op{.context = Context(), .path = "acme/a"};
  op.limit = {.name = "usd", .cap = 5, .warn_percent = {50, 90}};
  ExpectSays(Run(op), {{"limit", "usd"},
                       {"cap_to", "5"},
                       {"counts", "usd_nanos, lifetime"},
                       {"warn_percent_to", "50,90"}});
}

TEST_F(AdminDetailTest, SetLimitThatIsThere) {
  SetLimit op{.context = Context(),
              .path = "acme/a",
              .version = VersionOf("acme/a")};
  op.limit = {.name = "life", .unit = Unit::kTokens};
  ExpectSays(Run(op), {{"limit", "life"},
                       {"cap_from", "60"},
                       {"cap_to", "none"},
                       {"warn_percent_from", "80"},
                       {"warn_percent_to", "none"}});
}

TEST_F(AdminDetailTest, RemoveLimit) {
  ExpectSays(Run(RemoveLimit{.context = Context(),
                             .path = "acme/a",
                             .limit = "life",
                             .version = VersionOf("acme/a")}),
             {{"limit", "life"},
              {"cap_from", "60"},
              {"counts", "tokens, lifetime"},
              {"warn_percent_from", "80"}});
}

TEST_F(AdminDetailTest, FreezeAndUnfreeze) {
  ExpectSays(
      Run(Freeze{.context = Context(), .path = "acme/a", .reason = "abuse"}),
      {{"frozen_from", "false"},
       {"frozen_to", "true"},
       {"freeze_reason_from", ""},
       {"freeze_reason_to", "abuse"}});
  ExpectSays(Run(Freeze{.context = Context(), .path = "acme/a", .reason = "x"}),
             {{"frozen_from", "true"}, {"freeze_reason_from", "abuse"}});
  ExpectSays(Run(Unfreeze{.context = Context(), .path = "acme/a"}),
             {{"frozen_from", "true"},
              {"frozen_to", "false"},
              {"freeze_reason_from", "x"},
              {"freeze_reason_to", ""}});
}

TEST_F(AdminDetailTest, AdjustBalance) {
  AdjustBalance debit{.context = Context(),
                      .path = "acme/a",
                      .unit = Unit::kTokens,
                      .amount = 30,
                      .reason = "import"};
  ExpectSays(Run(debit), {{"amount", "30"},
                          {"reason", "import"},
                          {"spent.acme.life_from", "0"},
                          {"spent.acme.life_to", "30"},
                          {"spent.acme/a.life_from", "0"},
                          {"spent.acme/a.life_to", "30"}});
  AdjustBalance credit{.context = Context(),
                       .path = "acme/a",
                       .limit = "life",
                       .unit = Unit::kTokens,
                       .amount = -10,
                       .reason = "goodwill"};
  ExpectSays(Run(credit), {{"amount", "-10"},
                           {"reason", "goodwill"},
                           {"spent.acme/a.life_from", "30"},
                           {"spent.acme/a.life_to", "20"}});
}

TEST_F(AdminDetailTest, TransferCap) {
  TransferCap op{.context = Context(),
                 .from = {"acme/a", "life", VersionOf("acme/a")},
                 .to = {"acme/b", "life", VersionOf("acme/b")},
                 .unit = Unit::kTokens,
                 .amount = 15,
                 .reason = "launch"};
  ExpectSays(Run(op), {{"from", "acme/a.life"},
                       {"to", "acme/b.life"},
                       {"amount", "15"},
                       {"reason", "launch"},
                       {"from_cap_from", "60"},
                       {"from_cap_to", "45"},
                       {"to_cap_from", "40"},
                       {"to_cap_to", "55"}});
}

TEST_F(AdminDetailTest, SetPrices) {
  SetPrices op{.context = Context(), .root = "acme"};
  op.prices.push_back({.model = "m"});
  ExpectSays(Run(op), {{"version_from", "0"},
                       {"version_to", "1"},
                       {"models", "1"},
                       {"prices_sha256", DigestOfPrices(op.prices)}});
}

}  // namespace
}  // namespace budget
