#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
#include "server/domain/prices.h"
#include "tests/store/hand_made.h"
#include "tests/store/store_kit.h"

// The same operations, run through the engine on both stores, leave the same
// ledger. Nothing expires and nothing ages out meanwhile, for the clocks of
// the two differ.
namespace budget::testing {
namespace {

std::vector<Outcome> RunOn(Store& store, const std::vector<Operation>& batch) {
  std::vector<const Operation*> operations;
  for (const Operation& operation : batch) operations.push_back(&operation);
  const LoadPlan plan = PlanFor(operations);
  std::vector<Outcome> outcomes;
  const absl::Status status = store.Transact(
      LaneOf(plan.root, store.lanes()), {&plan, 1},
      [&](WorkingSets& sets, absl::Time now) {
        outcomes = Decide(operations, now, DecideOptions(), *sets[0]);
      },
      absl::Now() + absl::Seconds(60));
  EXPECT_EQ(status, absl::OkStatus());
  return outcomes;
}

// Makes batches of operations on a small tree, many of them refused.
class Script {
 public:
  explicit Script(uint32_t seed) : random_(seed) {}

  std::vector<Operation> Opening() {
    std::vector<Operation> batch;
    for (const char* path : kPaths) {
      CreateAllocation create{.context = Context(), .path = path};
      create.limits = {LifetimeUsd("life", Number(2000) + 500)};
      LimitSpec tokens{.name = "tokens", .unit = Unit::kTokens, .cap = 3000};
      tokens.window = Window::Rolling(absl::Hours(24 * 300));
      create.limits.push_back(tokens);
      batch.push_back(create);
    }
    return batch;
  }

  std::vector<Operation> Next() {
    std::vector<Operation> batch(1 + Number(6));
    for (Operation& operation : batch) operation = One();
    return batch;
  }

 private:
  static constexpr const char* kPaths[] = {"acme", "acme/a", "acme/a/x",
                                           "acme/b"};

  int Number(int below) { return static_cast<int>(random_() % below); }
  std::string Path() { return kPaths[Number(4)]; }
  AdminContext Context() { return {IdOf(1'000'000 + ++requests_), "tester"}; }
  Uuid Known() { return IdOf(Number(reserved_ + 1)); }

  Operation One() {
    switch (Number(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return NewReserve();
      case 4:
      case 5:
      case 6:
        return NewSettle();
      case 7:
        return Release{"acme", Known()};
      case 8: {
        AdjustReservation adjust{.root = "acme", .id = Known()};
        adjust.held[Unit::kUsdNanos] = Number(200);
        return adjust;
      }
      case 9: {
        RecordUsage record{.id = IdOf(++reserved_)};
        ReservePayload& payload = record.payload.Edit();
        payload.origin = ReservationOrigin::kRecordUsage;
        payload.allocations = {Path()};
        payload.amounts[Unit::kUsdNanos] = Number(100);
        return record;
      }
      default:
        return Admin();
    }
  }

  Reserve NewReserve() {
    Reserve reserve{.id = Number(8) == 0 ? Known() : IdOf(++reserved_)};
    ReservePayload& payload = reserve.payload.Edit();
    payload.ttl = absl::Hours(12);
    payload.allocations = {Path()};
    if (Number(4) == 0) payload.allocations.push_back("acme/b");
    if (payload.allocations[0] == "acme/b") {
      payload.allocations.resize(1);
    }
    payload.amounts[Unit::kUsdNanos] = Number(150);
    payload.amounts[Unit::kTokens] = Number(150);
    payload.tags = {{"run", absl::StrCat("{", Number(9), "}")}};
    return reserve;
  }

  Settle NewSettle() {
    Settle settle{.root = "acme", .id = Known(), .final = Number(3) != 0};
    settle.actual[Unit::kUsdNanos] = Number(200);
    settle.actual[Unit::kTokens] = Number(200);
    return settle;
  }

  Operation Admin() {
    SetLimit set{.context = Context(), .path = Path()};
    switch (Number(4)) {
      case 0:  // most often the etag is wrong
        set.limit = LifetimeUsd("life", Number(3000));
        set.version = 1 + Number(4);
        return set;
      case 1:
        set.limit = LifetimeUsd(absl::StrCat("new-", requests_), 5000);
        return set;
      case 2:
        set.limit = {.name = absl::StrCat("roll-", requests_),
                     .window = Window::Rolling(absl::Hours(24 * 300)),
                     .cap = 4000};
        return set;
      default:
        return AdjustBalance{.context = Context(),
                             .path = Path(),
                             .amount = Number(60) - 30,
                             .reason = "it's {right}"};
    }
  }

  std::mt19937 random_;
  int reserved_ = 0;
  int requests_ = 0;
};

// An entry without what depends on the clock.
LedgerEntry Timeless(LedgerEntry entry, const Catalog& catalog) {
  entry.at = absl::Time();
  if (entry.admitted_at) entry.admitted_at = absl::Time();
  std::vector<Pin> pins = entry.pins.vector();
  for (Pin& pin : pins) {
    const Limit* limit = catalog.FindLimit(pin.limit);
    if (limit != nullptr && limit->IsRolling()) pin.window = 0;
  }
  entry.pins = std::move(pins);
  std::erase_if(entry.detail,
                [](const auto& item) { return item.first == "expires_at"; });
  return entry;
}

std::string Text(const LedgerEntry& entry) {
  std::string text = absl::StrCat("entry ", entry.sequence, " kind ",
                                  static_cast<int>(entry.kind));
  for (const Pin& pin : entry.pins) {
    absl::StrAppend(&text, " ", pin.limit, "@", pin.window);
  }
  for (const Amounts& amounts : {entry.spent, entry.reserved, entry.overage}) {
    absl::StrAppend(&text, " (", amounts.by_unit[0], " ", amounts.by_unit[1],
                    " ", amounts.by_unit[2], ")");
  }
  for (const auto& [key, value] : entry.detail) {
    absl::StrAppend(&text, " ", key, "=", value);
  }
  return text;
}

TEST(TwinsTest, TheSameOperationsLeaveTheSameLedger) {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const std::unique_ptr<StoreKit> kits[] = {NewMemoryKit(), NewPostgresKit()};
    std::vector<std::vector<LedgerEntry>> ledgers;
    for (const auto& kit : kits) {
      Script script(seed);
      RunOn(kit->store(), script.Opening());
      for (int i = 0; i < 120; ++i) RunOn(kit->store(), script.Next());
      const auto page =
          kit->store().ListLedger({.root = "acme", .page_size = 100'000});
      ASSERT_TRUE(page.ok()) << page.status();
      ledgers.emplace_back();
      for (const LedgerEntry& entry : page->items) {
        ledgers.back().push_back(Timeless(entry, page->catalog));
      }
      const auto report = kit->store().Verify("acme", {});
      ASSERT_TRUE(report.ok()) << report.status();
      for (const Discrepancy& found : report->discrepancies) {
        ADD_FAILURE() << found.subject << ": ledger " << found.ledger
                      << ", stored " << found.stored;
      }
    }
    ASSERT_EQ(ledgers[0].size(), ledgers[1].size());
    EXPECT_GT(ledgers[0].size(), 150u);
    for (size_t i = 0; i < ledgers[0].size(); ++i) {
      ASSERT_EQ(ledgers[0][i], ledgers[1][i])
          << Text(ledgers[0][i]) << "\n" << Text(ledgers[1][i]);
    }
  }
}

}  // namespace
}  // namespace budget::testing
