#ifndef BUDGET_DOMAIN_ALLOCATION_H_
#define BUDGET_DOMAIN_ALLOCATION_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "server/domain/limit.h"

namespace budget {

// Values of these enums are stored in the database: never renumber. kInherit
// takes the policy of the nearest ancestor that has one.
enum class OnExpiry : int { kInherit = 0, kRelease = 1, kSettleHeld = 2 };
enum class OveragePolicy : int { kInherit = 0, kBlock = 1, kReport = 2 };
enum class UnpricedPolicy : int {
  kInherit = 0,
  kDeny = 1,
  kAllow = 2,
  kFixed = 3,
};
enum class HeldDenialPolicy : int { kInherit = 0, kFinal = 1, kRetry = 2 };

// The rules of an allocation; budget/v1/types.proto says what each means.
struct Policies {
  OnExpiry on_expiry = OnExpiry::kInherit;
  OveragePolicy overage = OveragePolicy::kInherit;
  UnpricedPolicy unpriced = UnpricedPolicy::kInherit;
  int64_t unpriced_charge_usd_nanos = 0;  // kFixed only
  HeldDenialPolicy held_denial = HeldDenialPolicy::kInherit;

  friend bool operator==(const Policies&, const Policies&) = default;
};

// A node of the budget tree, without its limits.
struct Allocation {
  AllocationId id = 0;
  std::string path;
  std::string display_name;
  std::map<std::string, std::string> labels;
  Policies policies;
  bool frozen = false;
  std::string freeze_reason;
  bool archived = false;
  int64_t version = 1;  // the etag
  absl::Time created_at;
  absl::Time updated_at;

  friend bool operator==(const Allocation&, const Allocation&) = default;
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_ALLOCATION_H_
