#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "server/base/zone.h"
#include "tests/store/store_contract.h"

namespace budget::testing {
namespace {

// Rows of any value, of which no ledger tells.
class RoundTripTest : public StoreContract {
 protected:
  RoundTripTest() { DoNotVerify(); }
};
BUDGET_ON_EVERY_STORE(RoundTripTest);

const char kOdd[] =
    "a'b\"c\\d{e},f;\n\t$1 NULL \xc3\xa4\xe2\x82\xac\xf0\x9f\x92\xb8";

absl::Time At(int64_t micros) {
  return absl::FromUnixMicros(1'700'000'000'000'000 + micros);
}

Allocation OddAllocation() {
  Allocation allocation;
  allocation.id = 1;
  allocation.path = "acme";
  allocation.display_name = kOdd;
  allocation.labels = {{"a", kOdd}, {"empty", ""}, {"zz", "NULL"}};
  allocation.policies = {.on_expiry = OnExpiry::kSettleHeld,
                         .overage = OveragePolicy::kReport,
                         .unpriced = UnpricedPolicy::kFixed,
                         .unpriced_charge_usd_nanos = kAmountMax,
                         .held_denial = HeldDenialPolicy::kRetry};
  allocation.frozen = true;
  allocation.freeze_reason = kOdd;
  allocation.archived = true;
  allocation.version = 77;
  allocation.created_at = At(1);
  allocation.updated_at = At(999'990);
  return allocation;
}

TEST_P(RoundTripTest, Allocations) {
  const Allocation made = OddAllocation();
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddAllocation(set, "acme", now);
                     set.catalog.Put(made);
                   }),
            absl::OkStatus());
  EXPECT_EQ(*Load("acme")->catalog.FindAllocation("acme"), made);

  Allocation plain{.id = 1, .path = "acme", .version = 78};
  plain.created_at = made.created_at;
  plain.updated_at = At(5'000'000);
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddEntry(set, now);
                     set.catalog.Put(plain);
                     set.changed_allocations.insert(1);
                   }),
            absl::OkStatus());
  EXPECT_EQ(*Load("acme")->catalog.FindAllocation("acme"), plain);
}

std::vector<LimitSpec> OddLimits() {
  std::vector<LimitSpec> specs(5);
  specs[0] = LifetimeUsd("cap", 0);
  specs[1].name = "free";
  specs[1].unit = Unit::kRequests;
  specs[1].warn_percent = {1, 50, 1000};
  specs[2].name = "tokens";
  specs[2].unit = Unit::kTokens;
  specs[2].cap = kAmountMax;
  specs[3].name = "roll";
  specs[3].window = Window::Rolling(absl::Seconds(1));
  specs[4].name = "roll-long";
  specs[4].window = Window::Rolling(absl::Hours(24 * 366));
  for (int period = 1; period <= 6; ++period) {
    for (const char* zone : {"UTC", "Europe/Berlin", "Asia/Kathmandu"}) {
      specs.push_back(
          {.name = std::string("c") + std::to_string(specs.size()),
           .window = Window::Calendar(static_cast<CalendarPeriod>(period), zone,
                                      *FindZone(zone)),
           .cap = 5});
    }
  }
  return specs;
}

TEST_P(RoundTripTest, Limits) {
  const std::vector<LimitSpec> specs = OddLimits();
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddAllocation(set, "acme", now);
                     for (const LimitSpec& spec : specs) {
                       AddLimit(set, "acme", spec, now);
                     }
                   }),
            absl::OkStatus());
  const std::unique_ptr<WorkingSet> set = Load("acme");
  ASSERT_EQ(set->catalog.limits().size(), specs.size());
  EXPECT_EQ(set->root.last_limit, static_cast<LimitId>(specs.size()));
  for (size_t i = 0; i < specs.size(); ++i) {
    const Limit& limit = *set->catalog.FindLimit(static_cast<LimitId>(i + 1));
    EXPECT_EQ(limit.spec, specs[i]) << specs[i].name;
    EXPECT_EQ(limit.allocation, 1);
    EXPECT_EQ(KeyAt(limit.spec.window, At(0)), KeyAt(specs[i].window, At(0)));
  }
}

TEST_P(RoundTripTest, RemovedLimitsComeOnlyWithWhatIsPinnedToThem) {
  MakeAcme(1000);
  ASSERT_EQ(Hold(IdOf(1), "acme", 10), absl::OkStatus());
  ASSERT_EQ(Change("acme",
                   [](WorkingSet& set, absl::Time now) {
                     AddEntry(set, now).caps = {{1, std::nullopt}};
                     Limit limit = *set.catalog.FindLimit(LimitId{1});
                     limit.removed = true;
                     set.catalog.Put(limit);
                     set.changed_limits.insert(1);
                   }),
            absl::OkStatus());
  EXPECT_EQ(Load("acme")->catalog.FindLimit(LimitId{1}), nullptr);
  const auto set = Load(PlanForReservation("acme", IdOf(1)));
  ASSERT_NE(set->catalog.FindLimit(LimitId{1}), nullptr);
  EXPECT_TRUE(set->catalog.FindLimit(LimitId{1})->removed);
  EXPECT_EQ((set->counters[{1, 0}].counter.tally.reserved), 10);
  ExpectVerifies("acme");
}

TEST_P(RoundTripTest, CountersWithBuckets) {
  Counter counter;
  counter.tally = {.spent = 7, .reserved = 5, .overage = 3, .unpriced = 2};
  for (int i = 0; i < 61; ++i) {
    counter.buckets.push_back({.number = 1'000'000'000'000 + i,
                               .spent = i,
                               .reserved = 2 * i,
                               .overage = kAmountMax - i,
                               .unpriced = i % 3});
  }
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddAllocation(set, "acme", now);
                     AddLimit(set, "acme",
                              {.name = "roll",
                               .window = Window::Rolling(absl::Hours(5))},
                              now);
                     set.counters[{1, 0}] = {.counter = counter,
                                             .changed = true};
                   }),
            absl::OkStatus());
  auto set = Load("acme");
  EXPECT_EQ((set->counters[{1, 0}].counter), counter);
  EXPECT_EQ((set->counters[{1, 0}].stored), counter.tally);
  EXPECT_TRUE((set->counters[{1, 0}].exists));

  counter.tally = {.spent = 1, .reserved = 6, .overage = 0, .unpriced = 9};
  counter.buckets.resize(1);
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddEntry(set, now);
                     set.counters[{1, 0}].counter = counter;
                     set.counters[{1, 0}].changed = true;
                   }),
            absl::OkStatus());
  EXPECT_EQ((Load("acme")->counters[{1, 0}].counter), counter);
}

Reservation OddReservation(const Allocation& allocation) {
  Reservation made;
  ReservationTerms& terms = made.terms.Edit();
  terms.id = IdOf(9, At(0));
  ReservePayload& payload = terms.payload.Edit();
  payload.allocations = {allocation.path};
  payload.amounts[Unit::kTokens] = 0;
  payload.minimum.emplace()[Unit::kUsdNanos] = 5;
  payload.ttl = absl::Milliseconds(1500);
  payload.tags = {{"model", kOdd}, {"empty", ""}};
  payload.on_expiry = OnExpiry::kSettleHeld;
  payload.usd_unknown = true;
  payload.usage = {.model = kOdd, .quantities = {{"input", kAmountMax}}};
  terms.allocation_ids = {allocation.id};
  made.pins = {{1, 0}, {2, -3600}};
  terms.requested.by_unit = {1, 2, 3};
  terms.granted.by_unit = {4, 5, 6};
  made.held.by_unit = {7, 8, 9};
  made.spent.by_unit = {10, 11, 12};
  made.overage.by_unit = {13, 14, kAmountMax};
  made.reported.by_unit = {16, 17, 18};
  made.unpriced = true;
  terms.on_expiry = OnExpiry::kSettleHeld;
  terms.price_version = 12;
  made.crossed_at_reserve = {{1, 50}, {2, 1000}};
  terms.reserve_sequence = 4;
  terms.created_at = At(1);
  terms.owner = "spiffe://example.org/gateway";
  made.expires_at = At(86'400'000'000);
  return made;
}

TEST_P(RoundTripTest, Reservations) {
  Reservation made;
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     made = OddReservation(AddAllocation(set, "acme", now));
                     AddLimit(set, "acme", LifetimeUsd("a", 1), now);
                     LimitSpec hour = LifetimeUsd("b", 1);
                     hour.window = Window::Calendar(CalendarPeriod::kHour,
                                                    "UTC", absl::UTCTimeZone());
                     AddLimit(set, "acme", hour, now);
                     set.reservations[made.id()] = {.reservation = made,
                                                  .changed = true};
                   }),
            absl::OkStatus());
  const LoadPlan plan = PlanForReservation("acme", made.id());
  EXPECT_EQ(Load(plan)->reservations[made.id()].reservation, made);

  Reservation ended = made;
  ended.state = ReservationState::kExpired;
  ended.held = {};
  ended.spent.by_unit = {20, 21, 22};
  ended.overage.by_unit = {23, 24, 25};
  ended.reported.by_unit = {26, 27, 28};
  ended.usage_final = true;
  ended.settled_late = true;
  ended.unpriced = false;
  ended.expires_at = At(5);
  ended.ended_at = At(6);
  ended.pins = {{1, 0}, {2, -3600}, {2, 3600}};
  ASSERT_EQ(Change(plan,
                   [&](WorkingSet& set, absl::Time now) {
                     AddEntry(set, now);
                     set.reservations[made.id()].reservation = ended;
                     set.reservations[made.id()].changed = true;
                   }),
            absl::OkStatus());
  EXPECT_EQ(Load(plan)->reservations[made.id()].reservation, ended);
}

TEST_P(RoundTripTest, ReservationsWithNothingOptional) {
  Reservation made;
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddAllocation(set, "acme", now);
                     const Allocation& team =
                         AddAllocation(set, "acme/team", now);
                     ReservationTerms& terms = made.terms.Edit();
                     ReservePayload& payload = terms.payload.Edit();
                     terms.id = IdOf(1);
                     payload.origin = ReservationOrigin::kRecordUsage;
                     payload.allocations = {"acme/team", "acme"};
                     payload.minimum.emplace();
                     terms.allocation_ids = {team.id, 1};
                     terms.created_at = At(0);
                     made.expires_at = now + absl::Hours(1);
                     set.reservations[made.id()] = {.reservation = made,
                                                  .changed = true};
                   }),
            absl::OkStatus());
  const auto set = Load(PlanForReservation("acme", made.id()));
  const Reservation& loaded = set->reservations[made.id()].reservation;
  EXPECT_EQ(loaded.payload().allocations, made.payload().allocations);
  made.expires_at = loaded.expires_at;
  EXPECT_EQ(loaded, made);
  EXPECT_NE(set->catalog.FindAllocation("acme"), nullptr);
}

TEST_P(RoundTripTest, ChainsOfReservationsComeAlong) {
  ASSERT_EQ(Change("acme/a/b",
                   [](WorkingSet& set, absl::Time now) {
                     for (const char* path : {"acme", "acme/a", "acme/a/b"}) {
                       AddAllocation(set, path, now);
                     }
                     AddHold(set, IdOf(1), "acme/a/b", 1, now);
                   }),
            absl::OkStatus());
  EXPECT_EQ(Load(PlanForReservation("acme", IdOf(1)))
                ->catalog.allocations()
                .size(),
            3u);
}

LedgerEntry OddEntry() {
  LedgerEntry entry;
  entry.kind = EntryKind::kTransferCap;
  entry.reservation = IdOf(3);
  entry.allocations = {1};
  entry.admitted_at = At(3);
  entry.pins = {{1, -5}, {1, 7}};
  entry.spent.by_unit = {-1, 2, -kAmountMax};
  entry.reserved.by_unit = {4, -5, 6};
  entry.overage.by_unit = {7, 8, -9};
  entry.unpriced = -10;
  entry.caps = {{1, std::nullopt}, {1, 0}, {1, kAmountMax}};
  entry.actor = kOdd;
  entry.request = IdOf(4);
  entry.detail = {{"z", kOdd}, {"a", ""}, {"z", "twice"}};
  return entry;
}

TEST_P(RoundTripTest, LedgerEntries) {
  std::vector<LedgerEntry> made;
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddAllocation(set, "acme", now);
                     AddLimit(set, "acme", LifetimeUsd("cap", 1), now);
                     LedgerEntry odd = OddEntry();
                     LedgerEntry& entry = AddEntry(set, now);
                     odd.sequence = entry.sequence;
                     odd.at = entry.at;
                     entry = odd;
                     AddEntry(set, now);
                     made = set.entries;
                   }),
            absl::OkStatus());
  const auto page = store().ListLedger({.root = "acme"});
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items, made);
  EXPECT_NE(page->catalog.FindLimit(LimitId{1}), nullptr);
  EXPECT_NE(page->catalog.FindAllocation("acme"), nullptr);
}

TEST_P(RoundTripTest, RequestsAndPrices) {
  const std::string fingerprint("a\0b\xff'\\", 6);
  const ModelPrice odd{.model = kOdd,
                       .usd_nanos_per_million = {{"in", 1}, {"out", 1 << 30}}};
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddAllocation(set, "acme", now);
                     set.new_requests[IdOf(1)] = {.kind = EntryKind::kFreeze,
                                                  .fingerprint = fingerprint};
                     set.root.price_version = 1;
                     set.new_prices[1] = {odd, {.model = "b"}};
                   }),
            absl::OkStatus());
  LoadPlan plan = PlanForChain("acme");
  plan.requests = {IdOf(1), IdOf(2)};
  plan.models = {kOdd, "missing"};
  const auto set = Load(plan);
  ASSERT_EQ(set->requests.size(), 1u);
  EXPECT_EQ(set->requests[IdOf(1)].fingerprint, fingerprint);
  EXPECT_EQ(set->requests[IdOf(1)].kind, EntryKind::kFreeze);
  ASSERT_EQ(set->prices.size(), 1u);
  EXPECT_EQ((set->prices[{1, kOdd}]), odd);

  auto table = store().ReadPrices("acme", 0);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->version, 1);
  EXPECT_EQ(table->prices.size(), 2u);
  for (const int64_t absent : {2, -1}) {
    table = store().ReadPrices("acme", absent);
    ASSERT_TRUE(table.ok());
    EXPECT_EQ(table->version, 0);
    EXPECT_TRUE(table->prices.empty());
  }
  EXPECT_EQ(store().ReadPrices("nobody", 0)->version, 0);
}

TEST_P(RoundTripTest, PricesOfTheVersionAReservationIsPinnedTo) {
  const auto price = [](int64_t nanos) {
    return std::vector<ModelPrice>{
        {.model = "m", .usd_nanos_per_million = {{"in", nanos}}}};
  };
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddAllocation(set, "acme", now);
                     set.root.price_version = 1;
                     set.new_prices[1] = price(1);
                     AddHold(set, IdOf(1), "acme", 1, now)
                         .terms.Edit()
                         .price_version = 1;
                   }),
            absl::OkStatus());
  ASSERT_EQ(Change("acme",
                   [&](WorkingSet& set, absl::Time now) {
                     AddEntry(set, now);
                     set.root.price_version = 2;
                     set.new_prices[2] = price(2);
                   }),
            absl::OkStatus());
  LoadPlan plan = PlanForReservation("acme", IdOf(1));
  plan.models = {"m"};
  const auto set = Load(plan);
  EXPECT_EQ(set->prices.size(), 2u);
  EXPECT_EQ((set->prices[{1, "m"}]), price(1)[0]);
  EXPECT_EQ((set->prices[{2, "m"}]), price(2)[0]);
}

}  // namespace
}  // namespace budget::testing
