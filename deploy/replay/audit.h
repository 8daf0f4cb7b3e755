#ifndef BUDGET_REPLAY_AUDIT_H_
#define BUDGET_REPLAY_AUDIT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "budget/client.h"

namespace budget::replay {

// A limit as one moment of the ledger has it.
struct SeriesPoint {
  absl::Time time;
  int64_t spent = 0;
  int64_t reserved = 0;
};

// How a limit went, from the ledger alone.
struct LimitSeries {
  std::string allocation;
  std::string limit;
  v1::Unit unit = v1::UNIT_UNSPECIFIED;
  std::string window;  // "month", "day", "rolling 10 s"
  int64_t cap = 0;
  int64_t overage = 0;
  int64_t peak = 0;  // of spent + reserved
  std::vector<SeriesPoint> points;
};

// What an independent reading of the ledger found.
struct AuditResult {
  int64_t entries = 0;
  int64_t prefixes_checked = 0;  // entries times the limits they move
  int64_t holds = 0;
  int64_t settled = 0;
  int64_t released = 0;
  int64_t expired = 0;
  std::vector<std::string> violations;
  std::vector<LimitSeries> limits;
  // Tokens booked (spent and overage) by reservation.
  absl::flat_hash_map<std::string, int64_t> booked_tokens;
};

// Folds the ledger of a root entry by entry, with code of its own: numbers
// without holes, time that never falls, spent + reserved within the cap after
// every single entry, nothing held or spent below zero; at the end every limit
// as QueryRemaining reads it. Caps must not have changed since the limits were
// made, and nothing may be in flight.
absl::StatusOr<AuditResult> AuditLedger(Client& client, const std::string& root);

// Waits until the ledger of the root holds nothing: reads stop to count a hold
// the moment its TTL passes, its entry is written within the second that
// follows. Each call must hold one request. DEADLINE_EXCEEDED after `timeout`.
absl::Status WaitUntilNothingIsHeld(Client& client, const std::string& root,
                                    absl::Duration timeout);

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_AUDIT_H_
