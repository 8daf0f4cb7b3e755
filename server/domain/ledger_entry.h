#ifndef BUDGET_DOMAIN_LEDGER_ENTRY_H_
#define BUDGET_DOMAIN_LEDGER_ENTRY_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/base/shared.h"
#include "server/base/uuid.h"
#include "server/domain/amounts.h"
#include "server/domain/limit.h"

namespace budget {

// Stored in the database and equal to budget.v1.LedgerEntryKind: never
// renumber.
enum class EntryKind : int {
  kReserve = 1,
  kAdjustReservation = 2,
  kSettle = 3,
  kRelease = 4,
  kExpire = 5,
  kRecordUsage = 6,
  kCreateAllocation = 7,
  kUpdateAllocation = 8,
  kArchiveAllocation = 9,
  kSetLimit = 10,
  kRemoveLimit = 11,
  kFreeze = 12,
  kUnfreeze = 13,
  kAdjustBalance = 14,
  kTransferCap = 15,
  kSetPrices = 16,
};

// A cap as of an entry; nullopt: none.
struct CapChange {
  LimitId limit = 0;
  std::optional<int64_t> cap;

  friend bool operator==(const CapChange&, const CapChange&) = default;
};

// The name of the detail of an entry that a counter could not take in full.
inline constexpr char kClampedDetail[] = "clamped";

// One change. For every pin, the deltas of its limit's unit apply to its
// counter; `unpriced` applies to all pins.
struct LedgerEntry {
  int64_t sequence = 0;  // 1, 2, 3 ... per root
  absl::Time at;         // the database clock; never falls within a root
  EntryKind kind = EntryKind::kReserve;
  std::optional<Uuid> reservation;
  // Whose usage the deltas are. Empty where a change concerns single limits
  // and is nobody's usage, so that limits added later do not count it.
  SharedList<AllocationId> allocations;
  std::optional<absl::Time> admitted_at;  // the usage's windows are of then
  SharedList<Pin> pins;
  Amounts spent;
  Amounts reserved;
  Amounts overage;
  int64_t unpriced = 0;
  std::vector<CapChange> caps;  // caps in force from here on
  std::string actor;            // administrative changes only
  std::optional<Uuid> request;  // administrative changes only
  std::vector<std::pair<std::string, std::string>> detail;

  friend bool operator==(const LedgerEntry&, const LedgerEntry&) = default;
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_LEDGER_ENTRY_H_
