#include "server/domain/catalog.h"

#include <algorithm>
#include <utility>

namespace budget {

Allocation& Catalog::Put(Allocation allocation) {
  ids_by_path_[allocation.path] = allocation.id;
  return allocations_[allocation.id] = std::move(allocation);
}

Limit& Catalog::Put(Limit limit) {
  const auto [at, inserted] = limits_.try_emplace(limit.id);
  at->second = std::move(limit);
  if (inserted) {
    std::vector<const Limit*>& owned = limits_by_owner_[at->second.allocation];
    const auto by_name = [](const Limit* a, const Limit* b) {
      return a->spec.name < b->spec.name;
    };
    owned.insert(
        std::upper_bound(owned.begin(), owned.end(), &at->second, by_name),
        &at->second);
  }
  return at->second;
}

const Allocation* Catalog::FindAllocation(absl::string_view path) const {
  const auto id = ids_by_path_.find(path);
  return id == ids_by_path_.end() ? nullptr : FindAllocation(id->second);
}

Allocation* Catalog::FindAllocation(absl::string_view path) {
  return const_cast<Allocation*>(std::as_const(*this).FindAllocation(path));
}

const Allocation* Catalog::FindAllocation(AllocationId id) const {
  const auto found = allocations_.find(id);
  return found == allocations_.end() ? nullptr : &found->second;
}

const Limit* Catalog::FindLimit(LimitId id) const {
  const auto found = limits_.find(id);
  return found == limits_.end() ? nullptr : &found->second;
}

Limit* Catalog::FindLimit(LimitId id) {
  return const_cast<Limit*>(std::as_const(*this).FindLimit(id));
}

const Limit* Catalog::FindLimit(const Allocation& owner,
                                absl::string_view name) const {
  for (const Limit* limit : LimitsOf(owner)) {
    if (limit->spec.name == name) return limit;
  }
  return nullptr;
}

std::vector<const Limit*> Catalog::LimitsOf(const Allocation& owner) const {
  std::vector<const Limit*> in_force;
  const auto owned = limits_by_owner_.find(owner.id);
  if (owned == limits_by_owner_.end()) return in_force;
  for (const Limit* limit : owned->second) {
    if (!limit->removed) in_force.push_back(limit);
  }
  return in_force;
}

}  // namespace budget
