#include "server/domain/more_due.h"

#include <algorithm>

namespace budget {
namespace {

bool WasCut(const Outcome& outcome) {
  return outcome.reservation && outcome.reservation->terms->granted !=
                                    outcome.reservation->terms->requested;
}

bool Stands(const Operation& operation, const Outcome& outcome) {
  if (AdminContextOf(operation) != nullptr) return false;
  if (outcome.ok()) return !WasCut(outcome);
  return outcome.refusal->violations.empty();
}

bool HasOverage(const LedgerEntry& entry) {
  return std::any_of(kUnits.begin(), kUnits.end(), [&](Unit unit) {
    return entry.overage[unit] > 0;
  });
}

}  // namespace

bool StandWithMoreDue(absl::Span<const Operation* const> operations,
                      const std::vector<Outcome>& outcomes,
                      const WorkingSet& set) {
  for (size_t i = 0; i < operations.size(); ++i) {
    if (!Stands(*operations[i], outcomes[i])) return false;
  }
  return std::none_of(set.entries.begin(), set.entries.end(), HasOverage);
}

}  // namespace budget
