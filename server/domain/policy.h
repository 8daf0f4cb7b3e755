#ifndef BUDGET_DOMAIN_POLICY_H_
#define BUDGET_DOMAIN_POLICY_H_

#include "absl/strings/string_view.h"
#include "server/domain/allocation.h"
#include "server/domain/catalog.h"

namespace budget {

// The policies in force at `path`: each is that of the nearest allocation at
// or above it that has one, or the default. None is kInherit. The whole chain
// must have been loaded.
Policies EffectivePolicies(const Catalog& catalog, absl::string_view path);

// The nearest allocation at or above `path` that is frozen; null if none is.
const Allocation* FrozenAt(const Catalog& catalog, absl::string_view path);

// Likewise for archived ones.
const Allocation* ArchivedAt(const Catalog& catalog, absl::string_view path);

}  // namespace budget

#endif  // BUDGET_DOMAIN_POLICY_H_
