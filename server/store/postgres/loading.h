#ifndef BUDGET_STORE_POSTGRES_LOADING_H_
#define BUDGET_STORE_POSTGRES_LOADING_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/store/postgres/columns.h"
#include "server/store/postgres/loader.h"
#include "server/store/postgres/row_array.h"

namespace budget {

// Loads one transaction's sets: what is always needed in one flight, then step
// by step what is still missing, each step one statement for all roots.
class Loading {
 public:
  Loading(Session& session, absl::Span<const LoadPlan> plans,
          const LoadOptions& options, CatalogCache& cache)
      : session_(session),
        plans_(plans),
        options_(options),
        cache_(cache),
        era_(cache.era()),
        latest_(plans.size()) {}

  LoadedSets Run(Flight opening) {
    Depart(std::move(opening));
    LoadDue();
    LoadOpenUnder();
    LoadNextDue();
    Recall();
    LoadAllocations();
    LoadLimits();
    LoadLatestCounters();
    LoadPinnedCounters();
    LoadOlderPrices();
    LoadRequests();
    LoadChildren();
    LoadHistories();
    Remember();
    return std::move(loaded_);
  }

 private:
  WorkingSet& SetOf(RowReader& row) {
    return *loaded_.sets[index_.at(row.View())];
  }
  template <typename Body>  // void(const LoadPlan&, WorkingSet&)
  void ForEach(Body body) {
    for (size_t i = 0; i < plans_.size(); ++i) {
      body(plans_[i], *loaded_.sets[i]);
    }
  }

  void Depart(Flight flight);
  void LoadDue();
  void ShortenReach();
  void LoadNextDue();
  void Recall();
  void LoadAllocations();
  void LoadLimits();
  void LoadLatestCounters();
  void LoadPinnedCounters();
  void Remember();

  // What few transactions need: load_rare.cc.
  void LoadOpenUnder();
  void LoadOlderPrices();
  void LoadRequests();
  void LoadChildren();
  void LoadHistories();

  Parameters MakeSets();
  RowArray AskedReservations();
  RowArray ForeseenCounters();
  Columns AskedPrices();
  void PutRoots(const Result& rows);
  void PutReservations(const Result& rows);
  void PutCounters(const Result& rows);
  void PutPrices(const Result& rows);
  void FindOverflow(const Result& rows);
  int64_t ShareOf(int64_t most) const;
  std::optional<int64_t> DueMax(size_t plan) const;

  Session& session_;
  const absl::Span<const LoadPlan> plans_;
  const LoadOptions options_;
  CatalogCache& cache_;
  const CatalogCache::Era era_;
  LoadedSets loaded_;
  std::vector<size_t> probed_;  // roots whose due reservations were looked up
  std::vector<absl::Time> reach_;  // until when, for each plan
  // Allocations, by set, whose limits have to be loaded.
  std::vector<std::pair<size_t, AllocationId>> unlimited_;
  // Limits of each set whose latest counters were looked up.
  std::vector<absl::flat_hash_set<LimitId>> latest_;
  absl::flat_hash_map<absl::string_view, size_t> index_;
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_LOADING_H_
