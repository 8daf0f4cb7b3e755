#include "server/domain/catalog.h"

#include <algorithm>
#include <utility>

namespace budget {

const Allocation& Catalog::Put(std::shared_ptr<const Allocation> allocation) {
  ++version_;
  const Allocation& put = *allocation;
  // The key of the former is part of it, so it goes first.
  by_path_.erase(put.path);
  by_path_.emplace(put.path, &put);
  allocations_[put.id] = std::move(allocation);
  return put;
}

const Limit& Catalog::Put(std::shared_ptr<const Limit> limit) {
  ++version_;
  const Limit& put = *limit;
  std::shared_ptr<const Limit>& place = limits_[put.id];
  std::vector<const Limit*>& owned = limits_by_owner_[put.allocation];
  if (place != nullptr) {
    *std::find(owned.begin(), owned.end(), place.get()) = &put;
  } else {
    const auto by_name = [](const Limit* a, const Limit* b) {
      return a->spec.name < b->spec.name;
    };
    owned.insert(std::upper_bound(owned.begin(), owned.end(), &put, by_name),
                 &put);
  }
  place = std::move(limit);
  return put;
}

const Allocation& Catalog::Put(Allocation allocation) {
  return Put(std::make_shared<const Allocation>(std::move(allocation)));
}

const Limit& Catalog::Put(Limit limit) {
  return Put(std::make_shared<const Limit>(std::move(limit)));
}

const Allocation* Catalog::FindAllocation(absl::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

const Allocation* Catalog::FindAllocation(AllocationId id) const {
  const auto found = allocations_.find(id);
  return found == allocations_.end() ? nullptr : found->second.get();
}

const Limit* Catalog::FindLimit(LimitId id) const {
  const auto found = limits_.find(id);
  return found == limits_.end() ? nullptr : found->second.get();
}

const Limit* Catalog::FindLimit(const Allocation& owner,
                                absl::string_view name) const {
  const auto owned = limits_by_owner_.find(owner.id);
  if (owned == limits_by_owner_.end()) return nullptr;
  for (const Limit* limit : owned->second) {
    if (!limit->removed && limit->spec.name == name) return limit;
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
