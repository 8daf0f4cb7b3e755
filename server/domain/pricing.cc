#include "server/domain/pricing.h"

#include <algorithm>

#include "server/domain/path.h"
#include "server/domain/policy.h"
#include "server/domain/prices.h"

namespace budget {
namespace {

bool HasUsdCap(const Catalog& catalog, absl::string_view path) {
  for (absl::string_view prefix : ChainOf(path)) {
    const Allocation* allocation = catalog.FindAllocation(prefix);
    if (allocation == nullptr) continue;
    for (const Limit* limit : catalog.LimitsOf(*allocation)) {
      if (limit->spec.unit == Unit::kUsdNanos && limit->spec.cap) return true;
    }
  }
  return false;
}

}  // namespace

Cost CostOf(std::optional<int64_t> usd_nanos, bool usd_unknown,
            const std::optional<ModelUsage>& usage, int64_t version,
            const WorkingSet& set) {
  if (usd_unknown) return {.unknown = true};
  if (!usage) return {.usd_nanos = usd_nanos};
  const auto price = set.prices.find({version, usage->model});
  if (price == set.prices.end()) return {.unknown = true};
  const std::optional<int64_t> cost =
      CostUsdNanos(price->second, usage->quantities);
  return {.usd_nanos = cost, .unknown = !cost.has_value()};
}

UnpricedRule UnpricedRuleOf(const std::vector<std::string>& paths,
                            const Catalog& catalog) {
  UnpricedRule rule;
  for (const std::string& path : paths) {
    const Policies policies = EffectivePolicies(catalog, path);
    if (policies.unpriced == UnpricedPolicy::kDeny &&
        HasUsdCap(catalog, path)) {
      return {.kind = UnpricedRule::Kind::kDeny,
              .denied_by = catalog.FindAllocation(path)};
    }
    if (policies.unpriced == UnpricedPolicy::kFixed) {
      rule.kind = UnpricedRule::Kind::kFixed;
      rule.charge_usd_nanos =
          std::max(rule.charge_usd_nanos, policies.unpriced_charge_usd_nanos);
    }
  }
  return rule;
}

}  // namespace budget
