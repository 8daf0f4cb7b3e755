#ifndef BUDGET_DOMAIN_PRICING_H_
#define BUDGET_DOMAIN_PRICING_H_

#include <cstdint>
#include <optional>

#include "server/domain/books.h"
#include "server/domain/operation.h"

namespace budget {

// The USD cost of a call as it was given: by the caller, by the price table,
// or unknown.
struct Cost {
  std::optional<int64_t> usd_nanos;  // nullopt: not given, or unknown
  bool unknown = false;
};

// Prices `usage` under `version` where it is given, else takes what the caller
// said.
Cost CostOf(std::optional<int64_t> usd_nanos, bool usd_unknown,
            const std::optional<ModelUsage>& usage, int64_t version,
            const WorkingSet& set);

// What the unpriced policies of the allocations at `paths` make of a call of
// unknown cost. Where several differ, the strictest rules: DENY where a USD cap
// applies, then FIXED, then ALLOW.
struct UnpricedRule {
  enum class Kind { kDeny, kFixed, kAllow };
  Kind kind = Kind::kAllow;
  int64_t charge_usd_nanos = 0;  // kFixed: the largest of them
  const Allocation* denied_by = nullptr;
};
UnpricedRule UnpricedRuleOf(const std::vector<std::string>& paths,
                            const Catalog& catalog);

}  // namespace budget

#endif  // BUDGET_DOMAIN_PRICING_H_
