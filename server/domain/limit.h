#ifndef BUDGET_DOMAIN_LIMIT_H_
#define BUDGET_DOMAIN_LIMIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/domain/amounts.h"
#include "server/domain/window.h"

namespace budget {

// Numbers of allocations and limits: unique within a root, never reused.
using AllocationId = int32_t;
using LimitId = int32_t;

inline constexpr int kWarnPercentsMax = 8;

// What an administrator says of a limit.
struct LimitSpec {
  std::string name;
  Unit unit = Unit::kUsdNanos;
  Window window;
  std::optional<int64_t> cap;     // 0 to kAmountMax; nullopt: uncapped
  std::vector<int> warn_percent;  // ascending, 1 to 1000

  friend bool operator==(const LimitSpec&, const LimitSpec&) = default;
};

// A limit in force, or one that was removed while reservations are pinned to
// it: then it has no cap.
struct Limit {
  LimitId id = 0;
  AllocationId allocation = 0;
  LimitSpec spec;
  bool removed = false;

  friend bool operator==(const Limit&, const Limit&) = default;

  // The cap in force; kAmountMax if there is none.
  int64_t Ceiling() const {
    return removed ? kAmountMax : spec.cap.value_or(kAmountMax);
  }
  bool IsRolling() const { return spec.window.kind == WindowKind::kRolling; }
};

// One limit in one of its windows: what reservations are pinned to and ledger
// entries move.
struct Pin {
  LimitId limit = 0;
  WindowKey window = 0;

  friend bool operator==(const Pin&, const Pin&) = default;
  // NOLINTNEXTLINE(modernize-use-nullptr): what the compiler makes of it
  friend auto operator<=>(const Pin&, const Pin&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Pin& pin) {
    return H::combine(std::move(h), pin.limit, pin.window);
  }
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_LIMIT_H_
