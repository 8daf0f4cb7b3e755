#ifndef BUDGET_STORE_POSTGRES_CATALOG_CACHE_H_
#define BUDGET_STORE_POSTGRES_CATALOG_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/domain/catalog.h"
#include "server/domain/load_plan.h"
#include "server/domain/working_set.h"

namespace budget {

// Allocations and limits of roots, kept between transactions. What it says is
// true for a transaction that reads the same roots.catalog_sequence as the one
// that brought it, for every change of a catalog moves that number; so nothing
// has to be invalidated, and a stale entry costs a read. That is so on one
// server: see Clear. Thread-safe.
class CatalogCache {
 public:
  // The time from one Clear to the next.
  enum class Era : int64_t {};

  // Forgets the roots that were not used for the longest time while it holds
  // more than `items_max` allocations and limits.
  explicit CatalogCache(size_t items_max) : items_max_(items_max) {}

  // Limits whose counters a transaction of this plan is likely to need. It may
  // need others, and these may be none of the root's any more.
  std::vector<LimitId> Foresee(const LoadPlan& plan);

  // In which a transaction begins: to be asked before its first read.
  Era era();

  // Puts into `set.catalog` what is remembered of the plan's paths and of what
  // the reservations in `set` refer to, provided that it is of this sequence.
  // Does nothing for a transaction of an earlier era.
  void Recall(const LoadPlan& plan, Era era, int64_t catalog_sequence,
              WorkingSet& set);

  // Remembers the catalog of `set`, in which every allocation has all of its
  // ancestors and limits. Does nothing for a transaction of an earlier era.
  void Remember(Era era, int64_t catalog_sequence, const WorkingSet& set);

  // Forgets everything: to be called at each new connection. It may be to
  // another server, which took over without the last changes and whose numbers
  // mean something else.
  void Clear();

 private:
  struct Entry {
    int64_t catalog_sequence = 0;
    Catalog catalog;
    std::vector<LimitId> recent;  // limits of the last transaction
    std::list<std::string>::iterator used;
  };

  Entry* Find(absl::string_view root) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Entry* EntryFor(const std::string& root, int64_t catalog_sequence)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Drop(const std::string& root) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t items_max_;
  absl::Mutex mutex_;
  Era era_ ABSL_GUARDED_BY(mutex_){};
  size_t items_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::list<std::string> by_use_ ABSL_GUARDED_BY(mutex_);  // latest first
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_CATALOG_CACHE_H_
