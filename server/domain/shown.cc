#include "server/domain/shown.h"

#include "server/domain/refusal.h"

namespace budget {
namespace {

bool IsForeign(LimitId id, Sees sees, const Catalog& catalog) {
  const Limit* limit = catalog.FindLimit(id);
  const Allocation* owner =
      limit == nullptr ? nullptr : catalog.FindAllocation(limit->allocation);
  return owner == nullptr || !sees(owner->path);
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

}  // namespace budget
