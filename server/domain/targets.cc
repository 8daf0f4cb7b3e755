#include "server/domain/targets.h"

#include <algorithm>
#include <utility>

#include "server/domain/books.h"
#include "server/domain/path.h"
#include "server/domain/policy.h"
#include "server/domain/refusal.h"

namespace budget {
namespace {

std::optional<Refusal> CheckOpen(const std::vector<std::string>& paths,
                                 const Catalog& catalog) {
  for (const std::string& path : paths) {
    if (const Allocation* at = ArchivedAt(catalog, path)) return Archived(*at);
  }
  for (const std::string& path : paths) {
    if (const Allocation* at = FrozenAt(catalog, path)) return Frozen(*at);
  }
  return std::nullopt;
}

}  // namespace

Targets Resolve(const std::vector<std::string>& paths, Books& books) {
  const Catalog& catalog = books.catalog();
  std::vector<AllocationId> allocations;
  std::vector<Pin> pins;
  for (const std::string& path : paths) {
    for (absl::string_view prefix : ChainOf(path)) {
      const Allocation* allocation = catalog.FindAllocation(prefix);
      if (allocation == nullptr) {
        return {.missing = AllocationNotFound(prefix)};
      }
      if (prefix.size() == path.size()) allocations.push_back(allocation->id);
      for (const Limit* limit : catalog.LimitsOf(*allocation)) {
        pins.push_back(books.CurrentPin(*limit));
      }
    }
  }
  std::sort(pins.begin(), pins.end());
  pins.erase(std::unique(pins.begin(), pins.end()), pins.end());
  return {.allocations = std::move(allocations),
          .pins = std::move(pins),
          .on_expiry = EffectivePolicies(catalog, paths.front()).on_expiry,
          .closed = CheckOpen(paths, catalog)};
}

}  // namespace budget
