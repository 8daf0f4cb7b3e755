#include "server/domain/shown.h"

#include <optional>
#include <set>
#include <string>

#include "absl/strings/strip.h"
#include "server/domain/admin.h"
#include "server/domain/refusal.h"

namespace budget {
namespace {

bool IsForeign(LimitId id, Sees sees, const Catalog& catalog) {
  const Limit* limit = catalog.FindLimit(id);
  const Allocation* owner =
      limit == nullptr ? nullptr : catalog.FindAllocation(limit->allocation);
  return owner == nullptr || !sees(owner->path);
}

// The limit of which a detail of an adjusted balance says what it was or is;
// nullopt: of none. See AddBalances.
std::optional<std::string> LimitMoved(absl::string_view key) {
  if (!absl::ConsumePrefix(&key, "spent.") &&
      !absl::ConsumePrefix(&key, "overage.")) {
    return std::nullopt;
  }
  absl::ConsumeSuffix(&key, "_from") || absl::ConsumeSuffix(&key, "_to");
  return std::string(key);
}

void HideForeign(Sees sees, const Catalog& catalog, Refusal& refusal) {
  for (Violation& violation : refusal.violations) {
    if (!IsForeign(violation.limit, sees, catalog)) continue;
    violation.cap = 0;
    violation.tally = {};
    violation.figures_hidden = true;
  }
  if (refusal.violations.empty()) return;
  if (!refusal.violations.front().figures_hidden) return;
  refusal.message = NoRoomText(refusal.violations.front(), catalog);
}

}  // namespace

void HideForeign(Sees sees, const Catalog& catalog,
                 std::vector<LimitReading>& readings) {
  for (LimitReading& reading : readings) {
    if (!IsForeign(reading.limit, sees, catalog)) continue;
    reading.cap.reset();
    reading.tally = {};
    reading.figures_hidden = true;
  }
}

void HideForeign(Sees sees, const Catalog& catalog, Outcome& outcome) {
  HideForeign(sees, catalog, outcome.limits);
  std::erase_if(outcome.crossed, [&](const Crossing& crossing) {
    return IsForeign(crossing.limit, sees, catalog);
  });
  if (outcome.refusal) HideForeign(sees, catalog, *outcome.refusal);
}

void HideForeign(Sees sees, const Catalog& catalog, LedgerEntry& entry) {
  if (entry.kind != EntryKind::kAdjustBalance) return;
  std::set<std::string> seen;
  for (const Pin& pin : entry.pins) {
    if (IsForeign(pin.limit, sees, catalog)) continue;
    const Limit& limit = *catalog.FindLimit(pin.limit);
    seen.insert(LimitText(*catalog.FindAllocation(limit.allocation), limit));
  }
  std::erase_if(entry.detail, [&](const auto& detail) {
    const std::optional<std::string> limit = LimitMoved(detail.first);
    return limit && !seen.contains(*limit);
  });
}

}  // namespace budget
