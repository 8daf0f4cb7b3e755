#include "server/domain/books.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/model/describe.h"
#include "tests/model/world.h"

namespace budget {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'302'000);

Uuid IdOf(uint64_t n) { return Uuid::Version7(kNow, {n, n}); }

CreateAllocation Create(const std::string& path, uint64_t request) {
  CreateAllocation op{.context = {.request_id = IdOf(request)}, .path = path};
  op.limits.push_back({.name = "usd", .cap = 100});
  return op;
}

Reserve ReserveUnder(const Uuid& id, int64_t usd) {
  ReservePayload payload{.allocations = {"acme/a"}};
  payload.amounts[Unit::kUsdNanos] = usd;
  return {.id = id, .payload = std::move(payload)};
}

Settle SettleWith(const Uuid& id, int64_t usd) {
  Settle op{.root = "acme", .id = id};
  op.actual[Unit::kUsdNanos] = usd;
  return op;
}

// An administrative change in the middle of a batch.
struct Case {
  const char* name;
  std::function<Operation(const AdminContext&)> change;
};

void PrintTo(const Case& tried, std::ostream* out) { *out << tried.name; }

LimitSpec Usd(const std::string& name, std::optional<int64_t> cap) {
  return {.name = name, .cap = cap};
}

UpdateAllocation Update(const AdminContext& context, const Policies& policies) {
  return {.context = context,
          .path = "acme",
          .policies = policies,
          .version = 1};
}

const Case kCases[] = {
    {"freeze",
     [](const AdminContext& context) {
       return Freeze{.context = context, .path = "acme", .reason = "audit"};
     }},
    {"archive",
     [](const AdminContext& context) {
       return ArchiveAllocation{
           .context = context, .path = "acme/a", .version = 1};
     }},
    {"cut",
     [](const AdminContext& context) {
       return SetLimit{.context = context,
                       .path = "acme",
                       .limit = Usd("usd", 50),
                       .version = 1};
     }},
    {"add",
     [](const AdminContext& context) {
       return SetLimit{
           .context = context, .path = "acme/a", .limit = Usd("more", 55)};
     }},
    {"remove",
     [](const AdminContext& context) {
       return RemoveLimit{
           .context = context, .path = "acme/a", .limit = "usd", .version = 1};
     }},
    {"transfer",
     [](const AdminContext& context) {
       return TransferCap{.context = context,
                          .from = {"acme", "usd", 1},
                          .to = {"acme/a", "usd", 1},
                          .amount = 45};
     }},
    {"overage",
     [](const AdminContext& context) {
       return Update(context, {.overage = OveragePolicy::kReport});
     }},
    {"on_expiry",
     [](const AdminContext& context) {
       return Update(context, {.on_expiry = OnExpiry::kSettleHeld});
     }},
    {"balance",
     [](const AdminContext& context) {
       return AdjustBalance{
           .context = context, .path = "acme", .limit = "usd", .amount = 20};
     }},
};

class StaleTest : public ::testing::TestWithParam<Case> {
 protected:
  StaleTest() {
    for (World* world : {&batched_, &one_by_one_}) {
      world->Run(Create("acme", 1), kNow);
      world->Run(Create("acme/a", 2), kNow);
    }
  }

  World batched_, one_by_one_;
};

INSTANTIATE_TEST_SUITE_P(
    Books, StaleTest, ::testing::ValuesIn(kCases),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(StaleTest, AChangeIsInForceForTheRestOfItsBatch) {
  const std::vector<Operation> batch = {
      ReserveUnder(IdOf(10), 30),
      ReserveUnder(IdOf(11), 20),
      SettleWith(IdOf(10), 35),
      GetParam().change({.request_id = IdOf(3)}),
      ReserveUnder(IdOf(12), 10),
      SettleWith(IdOf(11), 90),
      ReserveUnder(IdOf(13), 1),
      AdjustReservation{.root = "acme", .id = IdOf(12), .ttl = absl::Hours(1)},
      SettleWith(IdOf(12), 5),
  };
  const std::vector<Outcome> outcomes = batched_.RunBatch(batch, kNow);
  for (size_t i = 0; i < batch.size(); ++i) {
    EXPECT_EQ(Describe(outcomes[i]), Describe(one_by_one_.Run(batch[i], kNow)))
        << Describe(batch[i]);
  }
  EXPECT_TRUE(outcomes[3].ok()) << Describe(outcomes[3]);
  EXPECT_EQ(batched_.LedgerOf("acme"), one_by_one_.LedgerOf("acme"));
  batched_.Verify();
  EXPECT_EQ(batched_.problems(), std::vector<std::string>{});
}

TEST(BooksTest, OutcomesStayAsTheyWereWhenTheReservationGoesOn) {
  World world;
  world.Run(Create("acme", 1), kNow);
  world.Run(Create("acme/a", 2), kNow);
  const std::vector<Outcome> outcomes = world.RunBatch(
      {ReserveUnder(IdOf(10), 30),
       SetLimit{.context = {.request_id = IdOf(3)},
                .path = "acme",
                .limit = Usd("more", 90)},
       SettleWith(IdOf(10), 20)},
      kNow);
  EXPECT_EQ(outcomes[0].reservation->held[Unit::kUsdNanos], 30);
  EXPECT_TRUE(outcomes[0].reservation->IsOpen());
  EXPECT_EQ(outcomes[0].reservation->pins.size(), 2u);
  EXPECT_EQ(outcomes[0].limits.size(), 2u);
  EXPECT_EQ(outcomes[2].reservation->spent[Unit::kUsdNanos], 20);
  EXPECT_EQ(outcomes[2].reservation->pins.size(), 3u);
}

}  // namespace
}  // namespace budget
