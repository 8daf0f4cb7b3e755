#include "tests/fuzz/budget_world.h"

#include <string>

#include "server/base/uuid.h"
#include "server/lane/batch.h"
#include "tests/fuzz/require.h"

namespace budget::fuzz {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

AdminContext Context(uint64_t number) {
  return {.request_id = Uuid::Version7(kNow, {0, number}), .actor = "fuzz"};
}

LimitSpec LimitOf(const std::string& name, Unit unit, const Window& window,
                  int64_t cap) {
  return {.name = name, .unit = unit, .window = window, .cap = cap,
          .warn_percent = {80}};
}

}  // namespace

BudgetWorld::BudgetWorld() : store_({.clock = [] { return kNow; }}) {
  const Window day =
      Window::Calendar(CalendarPeriod::kDay, "UTC", absl::UTCTimeZone());
  CreateAllocation acme{.context = Context(1), .path = "acme"};
  acme.limits = {
      LimitOf("total", Unit::kUsdNanos, Window::Lifetime(), 1'000'000),
      LimitOf("day", Unit::kTokens, day, 1000)};
  CreateAllocation key{.context = Context(2), .path = "acme/key"};
  key.limits = {LimitOf("burst", Unit::kRequests,
                        Window::Rolling(absl::Hours(1)), 10)};
  SetPrices prices{.context = Context(3), .root = "acme"};
  prices.prices = {{.model = "large", .usd_nanos_per_million = {{"in", 5}}}};
  Reserve hold{.id = Uuid::Version7(kNow, {0, 4})};
  hold.payload.Edit().allocations = {"acme/key"};
  hold.payload.Edit().amounts[Unit::kTokens] = 7;
  for (const Operation& operation :
       {Operation(acme), Operation(key), Operation(prices), Operation(hold)}) {
    Require(Run(operation).outcome.ok(), "the organisation can be made");
  }
}

OperationResult BudgetWorld::Run(const Operation& operation) {
  OperationResult result;
  const RootBatch batch{.root = std::string(RootOf(operation)),
                        .items = {{&operation, &result}}};
  const absl::Status status = RunInOneTransaction(
      {&batch, 1}, LaneOf(batch.root, store_.lanes()), absl::InfiniteFuture(),
      DecideOptions(), store_);
  Require(status.ok(), status.message());
  return result;
}

size_t BudgetWorld::LedgerLength(absl::string_view root) {
  const auto page =
      store_.ListLedger({.root = std::string(root), .page_size = 1 << 20});
  Require(page.ok(), "the ledger can be read");
  return page->items.size();
}

}  // namespace budget::fuzz
