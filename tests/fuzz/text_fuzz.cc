#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/ctl/amount_text.h"
#include "client/ctl/limit_text.h"
#include "client/ctl/price_file.h"
#include "server/base/uuid.h"
#include "server/base/zone.h"
#include "server/domain/path.h"
#include "tests/fuzz/require.h"

// Texts that people write: paths, time zones, ids, and what budgetctl takes.
// The first byte says which.
namespace budget::fuzz {
namespace {

void TryPath(absl::string_view text) {
  if (!CheckPath(text).ok()) return;
  const std::vector<absl::string_view> chain = ChainOf(text);
  Require(!chain.empty() && chain.size() <= kPathSegmentsMax,
          "a path has 1 to 8 segments");
  Require(chain.front() == RootOf(text) && chain.back() == text,
          "a chain goes from the root to the path");
  absl::string_view parent;
  for (absl::string_view prefix : chain) {
    Require(ParentOf(prefix) == parent, "each is the parent of the next");
    Require(IsAtOrUnder(text, prefix), "a path is under its ancestors");
    const size_t begin = parent.empty() ? 0 : parent.size() + 1;
    Require(IsName(prefix.substr(begin)), "segments are names");
    parent = prefix;
  }
}

void TryZone(absl::string_view text) { FindZone(text); }

void TryUuid(absl::string_view text) {
  const auto id = Uuid::Parse(text);
  if (id) Require(Uuid::Parse(id->ToString()) == id, "an id reads back");
}

void TryAmount(absl::string_view text) {
  for (const v1::Unit unit :
       {v1::UNIT_UNSPECIFIED, v1::UNIT_USD_NANOS, v1::UNIT_TOKENS}) {
    const auto amount = ParseAmount(text, unit);
    if (!amount.ok()) continue;
    const auto again =
        ParseAmount(FormatAmount(amount->unit, amount->value), amount->unit);
    Require(again.ok() && again->value == amount->value,
            "an amount that is shown reads back");
  }
}

void TryDuration(absl::string_view text) {
  const auto duration = ParseDurationText(text);
  if (!duration.ok()) return;
  const auto again = ParseDurationText(FormatDurationText(*duration));
  Require(again.ok() && *again == *duration,
          "a duration that is shown reads back");
}

void TryLimit(absl::string_view text) {
  const auto limit = ParseLimit(text);
  if (!limit.ok()) return;
  DescribeLimit(*limit);
  const auto window = ParseWindow(FormatWindow(limit->window()));
  Require(window.ok() && window->SerializeAsString() ==
                             limit->window().SerializeAsString(),
          "a window that is shown reads back");
}

void TryPrices(absl::string_view text) {
  const auto prices = ParsePriceFile(text);
  if (!prices.ok()) {
    Require(!prices.status().message().empty(), "a refusal says why");
  }
}

}  // namespace
}  // namespace budget::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace budget::fuzz;  // NOLINT: only here
  constexpr void (*kTries[])(absl::string_view) = {
      TryPath, TryZone, TryUuid, TryAmount, TryDuration, TryLimit, TryPrices};
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  kTries[data[0] % std::size(kTries)](text);
  return 0;
}
