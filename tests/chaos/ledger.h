#ifndef BUDGET_TESTS_CHAOS_LEDGER_H_
#define BUDGET_TESTS_CHAOS_LEDGER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/base/uuid.h"
#include "tests/chaos/history.h"

namespace budget::chaos {

// As budget.ledger has them: written out here, so that a change of the
// product's own numbers shows.
enum EntryKind : int {
  kReserveEntry = 1,
  kAdjustEntry = 2,
  kSettleEntry = 3,
  kReleaseEntry = 4,
  kExpireEntry = 5,
  kRecordUsageEntry = 6,
  kSetLimitEntry = 10,
  kFreezeEntry = 12,
};

enum WindowKind : int { kLifetime = 0, kCalendar = 1, kRolling = 2 };

// The counter that an entry moves.
struct Pin {
  int limit = 0;
  int64_t window = 0;

  friend auto operator<=>(const Pin&, const Pin&) = default;
};

// One row of budget.ledger.
struct Entry {
  int64_t sequence = 0;
  int64_t at_micros = 0;
  int kind = 0;
  std::optional<Uuid> reservation;
  std::optional<Uuid> request;  // of an administrator
  std::vector<Pin> pins;
  Units spent = {};
  Units reserved = {};
  Units overage = {};
  std::vector<std::pair<int, std::optional<int64_t>>> caps;  // by limit
  bool final = false;
  bool late = false;

  // Whether it is the end of its reservation. Usage is one that ends at once.
  bool IsEnd() const {
    return kind == kExpireEntry || kind == kRecordUsageEntry ||
           (!late &&
            (kind == kReleaseEntry || (kind == kSettleEntry && final)));
  }
};

struct LimitInfo {
  std::string name;  // "acme/search daily"
  int unit = 0;
  int window_kind = kLifetime;
  int64_t rolling_seconds = 0;
};
using Limits = std::map<int, LimitInfo>;  // by limits.limit_id

// One row of budget.counters.
struct StoredCounter {
  Pin key;
  int64_t spent = 0;
  int64_t reserved = 0;
  int64_t overage = 0;
  int64_t as_of_micros = 0;
};

// The bucket of a rolling window that `micros` falls in.
inline int64_t BucketAt(int64_t micros, int64_t rolling_seconds) {
  return static_cast<int64_t>(static_cast<__int128>(micros) * 60 /
                              (rolling_seconds * 1'000'000));
}

// The window of a limit by day in UTC, the only calendar that the world has.
inline constexpr int64_t DayAt(int64_t micros) {
  constexpr int64_t kDaySeconds = 24 * 60 * 60;
  const int64_t seconds = micros / 1'000'000;
  return seconds - seconds % kDaySeconds;
}

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_LEDGER_H_
