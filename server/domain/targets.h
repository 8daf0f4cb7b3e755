#ifndef BUDGET_DOMAIN_TARGETS_H_
#define BUDGET_DOMAIN_TARGETS_H_

#include <optional>
#include <string>
#include <vector>

#include "server/base/shared.h"
#include "server/domain/allocation.h"
#include "server/domain/limit.h"
#include "server/domain/outcome.h"

namespace budget {

class Books;

// What a call on some allocations concerns: the same for all calls of a batch
// on the same ones, until the catalog changes.
struct Targets {
  SharedList<AllocationId> allocations;  // in the caller's order
  SharedList<Pin> pins;  // every limit of every chain, in its current window
  OnExpiry on_expiry = OnExpiry::kRelease;  // the first allocation's policy
  std::optional<Refusal> missing;  // one of a chain does not exist
  // Why there are no new holds: archived or frozen, there or above.
  std::optional<Refusal> closed;
};

// Looks up the allocations at `paths` and their ancestors.
Targets Resolve(const std::vector<std::string>& paths, Books& books);

}  // namespace budget

#endif  // BUDGET_DOMAIN_TARGETS_H_
