#ifndef BUDGET_STORE_POSTGRES_LOADER_H_
#define BUDGET_STORE_POSTGRES_LOADER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/domain/load_plan.h"
#include "server/domain/store.h"
#include "server/domain/working_set.h"
#include "server/store/postgres/session.h"

namespace budget {

// The head of a root as it was loaded, for the writer.
struct LoadedRoot {
  int64_t last_sequence = 0;
  AllocationId last_allocation = 0;
  LimitId last_limit = 0;
  // No open reservation that is not in the set expires before this; nullopt:
  // there is none.
  std::optional<absl::Time> next_due;
  bool due_overflow = false;  // more are due than were loaded
};

// What one transaction works on.
struct LoadedSets {
  WorkingSets sets;
  std::vector<LoadedRoot> roots;  // of each set
  absl::Time now;                 // the database clock, never before a root's
};

struct LoadOptions {
  std::optional<int64_t> due_max;  // due reservations per root, at most
};

// Loads `plans`, each of another root, in the session's transaction, all in
// the same statements. Throws as Session does.
LoadedSets Load(Session& session, absl::Span<const LoadPlan> plans,
                const LoadOptions& options);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_LOADER_H_
