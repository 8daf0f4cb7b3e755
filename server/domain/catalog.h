#ifndef BUDGET_DOMAIN_CATALOG_H_
#define BUDGET_DOMAIN_CATALOG_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/domain/allocation.h"
#include "server/domain/limit.h"

namespace budget {

// Allocations and limits of one root: all of it or the part that was loaded.
// What it holds does not change, so that catalogs and caches may share it: a
// change puts another in its place, after which pointers to the former are
// stale. Not thread-safe.
class Catalog {
 public:
  // Adds, or replaces what has the same id. Paths, names and owners never
  // change.
  const Allocation& Put(std::shared_ptr<const Allocation> allocation);
  const Limit& Put(std::shared_ptr<const Limit> limit);
  const Allocation& Put(Allocation allocation);
  const Limit& Put(Limit limit);

  // Moves with every Put: what was derived before may be out of date.
  int64_t version() const { return version_; }

  // Null if it was not loaded.
  const Allocation* FindAllocation(absl::string_view path) const;
  const Allocation* FindAllocation(AllocationId id) const;
  const Limit* FindLimit(LimitId id) const;

  // The limit of that name that is in force; null if there is none.
  const Limit* FindLimit(const Allocation& owner, absl::string_view name) const;

  // The limits in force of `owner`, in the order of their names.
  std::vector<const Limit*> LimitsOf(const Allocation& owner) const;

  const absl::flat_hash_map<AllocationId, std::shared_ptr<const Allocation>>&
  allocations() const {
    return allocations_;
  }
  const absl::flat_hash_map<LimitId, std::shared_ptr<const Limit>>& limits()
      const {
    return limits_;
  }

 private:
  int64_t version_ = 0;
  absl::flat_hash_map<AllocationId, std::shared_ptr<const Allocation>>
      allocations_;
  // The keys are the allocations' own.
  absl::flat_hash_map<absl::string_view, const Allocation*> by_path_;
  absl::flat_hash_map<LimitId, std::shared_ptr<const Limit>> limits_;
  // Removed limits too, by name.
  absl::flat_hash_map<AllocationId, std::vector<const Limit*>> limits_by_owner_;
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_CATALOG_H_
