#include "server/domain/more_due.h"

#include <algorithm>
#include <variant>

namespace budget {
namespace {

// What an administrator changes with an eye on counters or on what is open.
bool LooksAtUsage(const Operation& operation) {
  return std::holds_alternative<SetLimit>(operation) ||
         std::holds_alternative<RemoveLimit>(operation) ||
         std::holds_alternative<AdjustBalance>(operation) ||
         std::holds_alternative<TransferCap>(operation) ||
         std::holds_alternative<ArchiveAllocation>(operation);
}

bool WasCut(const Operation& operation, const Outcome& outcome) {
  return std::holds_alternative<Reserve>(operation) && outcome.reservation &&
         outcome.reservation->terms->granted !=
             outcome.reservation->terms->requested;
}

// Denials that what is due has no part in; other errors, but for overage that
// no counter could keep.
bool RefusalStands(const Refusal& refusal) {
  return refusal.reason != Reason::kCounterOverflow &&
         std::none_of(refusal.violations.begin(), refusal.violations.end(),
                      [](const Violation& v) { return v.held_up; });
}

// A crossing is kept with the reservation: it must be a true one.
bool Stands(const Operation& operation, const Outcome& outcome) {
  if (outcome.replayed) return true;
  if (LooksAtUsage(operation)) return false;
  if (!outcome.ok()) return RefusalStands(*outcome.refusal);
  return !WasCut(operation, outcome) && outcome.crossed.empty();
}

bool HasOverage(const LedgerEntry& entry) {
  return std::any_of(kUnits.begin(), kUnits.end(), [&](Unit unit) {
    return entry.overage[unit] > 0;
  });
}

// A counter could not give all of a refund back: what is due may charge more.
bool IsClamped(const LedgerEntry& entry) {
  return std::any_of(entry.detail.begin(), entry.detail.end(),
                     [](const auto& item) { return item.first == kClampedDetail; });
}

}  // namespace

bool StandWithMoreDue(absl::Span<const Operation* const> operations,
                      const std::vector<Outcome>& outcomes,
                      const WorkingSet& set) {
  for (size_t i = 0; i < operations.size(); ++i) {
    if (!Stands(*operations[i], outcomes[i])) return false;
  }
  return std::none_of(set.entries.begin(), set.entries.end(),
                      [](const LedgerEntry& entry) {
                        return HasOverage(entry) || IsClamped(entry);
                      });
}

}  // namespace budget
