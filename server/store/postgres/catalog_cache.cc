#include "server/store/postgres/catalog_cache.h"

#include <algorithm>
#include <utility>

#include "server/domain/path.h"

namespace budget {
namespace {

// Where a transaction used more limits than this, the next one is likely to
// use others.
constexpr size_t kRecentMax = 32;

// What an entry weighs beside its items, in items.
constexpr size_t kEntryItems = 4;

size_t ItemsOf(const Catalog& catalog) {
  return kEntryItems + catalog.allocations().size() + catalog.limits().size();
}

void CopyLimit(LimitId id, const Catalog& from, Catalog& to) {
  if (to.FindLimit(id) != nullptr) return;
  const auto limit = from.limits().find(id);
  if (limit != from.limits().end()) to.Put(limit->second);
}

void CopyAllocation(AllocationId id, const Catalog& from, Catalog& to) {
  if (to.FindAllocation(id) != nullptr) return;
  const auto allocation = from.allocations().find(id);
  if (allocation == from.allocations().end()) return;
  to.Put(allocation->second);
  for (const Limit* limit : from.LimitsOf(*allocation->second)) {
    CopyLimit(limit->id, from, to);
  }
}

void CopyPath(absl::string_view path, const Catalog& from, Catalog& to) {
  const Allocation* allocation = from.FindAllocation(path);
  if (allocation != nullptr) CopyAllocation(allocation->id, from, to);
}

void CopyChain(AllocationId id, const Catalog& from, Catalog& to) {
  const Allocation* allocation = from.FindAllocation(id);
  if (allocation == nullptr) return;
  for (absl::string_view prefix : ChainOf(allocation->path)) {
    CopyPath(prefix, from, to);
  }
}

}  // namespace

CatalogCache::Entry* CatalogCache::Find(absl::string_view root) {
  const auto found = entries_.find(root);
  if (found == entries_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second.used);
  return &found->second;
}

std::vector<LimitId> CatalogCache::Foresee(const LoadPlan& plan) {
  absl::MutexLock lock(&mutex_);
  const Entry* entry = Find(plan.root);
  if (entry == nullptr) return {};
  std::vector<LimitId> limits = entry->recent;
  for (const std::string& path : plan.paths) {
    const Allocation* allocation = entry->catalog.FindAllocation(path);
    if (allocation == nullptr) continue;
    for (const Limit* limit : entry->catalog.LimitsOf(*allocation)) {
      limits.push_back(limit->id);
    }
  }
  std::sort(limits.begin(), limits.end());
  limits.erase(std::unique(limits.begin(), limits.end()), limits.end());
  return limits;
}

CatalogCache::Era CatalogCache::era() {
  absl::MutexLock lock(&mutex_);
  return era_;
}

void CatalogCache::Recall(const LoadPlan& plan, Era era,
                          int64_t catalog_sequence, WorkingSet& set) {
  absl::MutexLock lock(&mutex_);
  if (era != era_) return;
  const Entry* entry = Find(plan.root);
  if (entry == nullptr || entry->catalog_sequence != catalog_sequence) return;
  for (const std::string& path : plan.paths) {
    CopyPath(path, entry->catalog, set.catalog);
  }
  for (const auto& [id, slot] : set.reservations) {
    const Reservation& reservation = slot.reservation;
    for (const AllocationId allocation : reservation.terms->allocation_ids) {
      CopyChain(allocation, entry->catalog, set.catalog);
    }
    for (const Pin& pin : reservation.pins) {
      CopyLimit(pin.limit, entry->catalog, set.catalog);
    }
  }
}

void CatalogCache::Remember(Era era, int64_t catalog_sequence,
                            const WorkingSet& set) {
  absl::MutexLock lock(&mutex_);
  if (era != era_) return;
  Entry* const entry = EntryFor(set.root.name, catalog_sequence);
  if (entry == nullptr) return;
  items_ -= ItemsOf(entry->catalog);
  for (const auto& [id, allocation] : set.catalog.allocations()) {
    CopyAllocation(id, set.catalog, entry->catalog);
  }
  for (const auto& [id, limit] : set.catalog.limits()) {
    CopyLimit(id, set.catalog, entry->catalog);
  }
  items_ += ItemsOf(entry->catalog);
  entry->recent.clear();
  if (set.counters.size() <= kRecentMax) {
    for (const auto& [key, slot] : set.counters) {
      entry->recent.push_back(key.limit);
    }
  }
  while (items_ > items_max_) Drop(by_use_.back());
}

// Null where a later catalog is known than the one that is offered.
CatalogCache::Entry* CatalogCache::EntryFor(const std::string& root,
                                            int64_t catalog_sequence) {
  Entry* entry = Find(root);
  if (entry != nullptr && entry->catalog_sequence > catalog_sequence) {
    return nullptr;
  }
  if (entry != nullptr && entry->catalog_sequence < catalog_sequence) {
    Drop(root);
    entry = nullptr;
  }
  if (entry != nullptr) return entry;
  by_use_.push_front(root);
  entry = &entries_[root];
  entry->catalog_sequence = catalog_sequence;
  entry->used = by_use_.begin();
  items_ += ItemsOf(entry->catalog);
  return entry;
}

void CatalogCache::Drop(const std::string& root) {
  const auto entry = entries_.find(root);
  items_ -= ItemsOf(entry->second.catalog);
  const auto used = entry->second.used;
  entries_.erase(entry);
  by_use_.erase(used);
}

void CatalogCache::Clear() {
  absl::MutexLock lock(&mutex_);
  era_ = static_cast<Era>(static_cast<int64_t>(era_) + 1);
  entries_.clear();
  by_use_.clear();
  items_ = 0;
}

}  // namespace budget
