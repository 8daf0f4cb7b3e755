#include "server/domain/policy.h"

#include "server/domain/path.h"

namespace budget {
namespace {

constexpr Policies kDefaults = {.on_expiry = OnExpiry::kRelease,
                                .overage = OveragePolicy::kBlock,
                                .unpriced = UnpricedPolicy::kDeny,
                                .held_denial = HeldDenialPolicy::kFinal};

template <typename Policy>
void Inherit(Policy from, Policy& policy) {
  if (policy == Policy::kInherit) policy = from;
}

void InheritAll(const Policies& from, Policies& policies) {
  if (policies.unpriced == UnpricedPolicy::kInherit) {
    policies.unpriced = from.unpriced;
    policies.unpriced_charge_usd_nanos = from.unpriced_charge_usd_nanos;
  }
  Inherit(from.on_expiry, policies.on_expiry);
  Inherit(from.overage, policies.overage);
  Inherit(from.held_denial, policies.held_denial);
}

template <typename Predicate>
const Allocation* NearestAt(const Catalog& catalog, absl::string_view path,
                            Predicate predicate) {
  for (; !path.empty(); path = ParentOf(path)) {
    const Allocation* allocation = catalog.FindAllocation(path);
    if (allocation != nullptr && predicate(*allocation)) return allocation;
  }
  return nullptr;
}

}  // namespace

Policies EffectivePolicies(const Catalog& catalog, absl::string_view path) {
  Policies policies;
  for (; !path.empty(); path = ParentOf(path)) {
    if (const Allocation* allocation = catalog.FindAllocation(path)) {
      InheritAll(allocation->policies, policies);
    }
  }
  InheritAll(kDefaults, policies);
  return policies;
}

const Allocation* FrozenAt(const Catalog& catalog, absl::string_view path) {
  return NearestAt(catalog, path,
                   [](const Allocation& a) { return a.frozen; });
}

const Allocation* ArchivedAt(const Catalog& catalog, absl::string_view path) {
  return NearestAt(catalog, path,
                   [](const Allocation& a) { return a.archived; });
}

}  // namespace budget
