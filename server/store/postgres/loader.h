#ifndef BUDGET_STORE_POSTGRES_LOADER_H_
#define BUDGET_STORE_POSTGRES_LOADER_H_

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/domain/load_plan.h"
#include "server/domain/store.h"
#include "server/domain/working_set.h"
#include "server/store/postgres/catalog_cache.h"
#include "server/store/postgres/flight.h"
#include "server/store/postgres/session.h"

namespace budget {

// The head of a root as it was loaded, for the writer.
struct LoadedRoot {
  int64_t last_sequence = 0;
  AllocationId last_allocation = 0;
  LimitId last_limit = 0;
  int64_t catalog_sequence = 0;
  // No open reservation that is not in the set expires before this; nullopt:
  // there is none.
  std::optional<absl::Time> next_due;
  std::optional<absl::Time> stored_next_due;  // as it is in the table
};

// What one transaction works on.
struct LoadedSets {
  WorkingSets sets;
  std::vector<LoadedRoot> roots;  // of each set
  absl::Time now;                 // the database clock, never before a root's
  absl::Duration waited;  // from the begin of the transaction to its first row
};

// How much of what is due one transaction takes on, about. A read takes all.
struct LoadOptions {
  std::optional<int64_t> due_max;     // due reservations
  std::optional<int64_t> passed_max;  // looked at for them, ended ones too
};

// Begins a transaction with `opening`, which is to begin it and take its
// locks and is empty where that is done, and loads `plans`, each of another
// root, all in the same statements. That is one round trip where the cache knows the catalogs; what it does not
// know, and what is rarely needed, takes one more for each step. Throws as
// Session does.
LoadedSets Load(Session& session, Flight opening,
                absl::Span<const LoadPlan> plans, const LoadOptions& options,
                CatalogCache& cache);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_LOADER_H_
