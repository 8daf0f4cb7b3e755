#ifndef BUDGET_DOMAIN_CATALOG_H_
#define BUDGET_DOMAIN_CATALOG_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/domain/allocation.h"
#include "server/domain/limit.h"

namespace budget {

// Allocations and limits of one root: all of it or the part that was loaded.
// Pointers stay valid as long as the catalog. Not thread-safe.
class Catalog {
 public:
  // Adds or replaces.
  Allocation& Put(Allocation allocation);
  Limit& Put(Limit limit);

  // Null if it was not loaded.
  const Allocation* FindAllocation(absl::string_view path) const;
  Allocation* FindAllocation(absl::string_view path);
  const Allocation* FindAllocation(AllocationId id) const;
  const Limit* FindLimit(LimitId id) const;
  Limit* FindLimit(LimitId id);

  // The limit of that name that is in force; null if there is none.
  const Limit* FindLimit(const Allocation& owner, absl::string_view name) const;

  // The limits in force of `owner`, in the order of their names.
  std::vector<const Limit*> LimitsOf(const Allocation& owner) const;

  const absl::node_hash_map<AllocationId, Allocation>& allocations() const {
    return allocations_;
  }
  const absl::node_hash_map<LimitId, Limit>& limits() const { return limits_; }

 private:
  absl::node_hash_map<AllocationId, Allocation> allocations_;
  absl::flat_hash_map<std::string, AllocationId> ids_by_path_;
  absl::node_hash_map<LimitId, Limit> limits_;
  // Removed limits too, by name.
  absl::flat_hash_map<AllocationId, std::vector<const Limit*>> limits_by_owner_;
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_CATALOG_H_
