#ifndef BUDGET_STORE_MEMORY_MEMORY_ROOT_H_
#define BUDGET_STORE_MEMORY_MEMORY_ROOT_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/domain/load_plan.h"
#include "server/domain/store.h"
#include "server/domain/working_set.h"

namespace budget {

// All tables of one root, in memory. Not thread-safe.
class MemoryRoot {
 public:
  struct CounterRow {
    Counter counter;
    std::optional<int64_t> cap;
    int64_t ceiling = kAmountMax;
    absl::Time as_of;
  };

  explicit MemoryRoot(const std::string& name) { record_.name = name; }

  const RootRecord& record() const { return record_; }
  const Catalog& catalog() const { return catalog_; }
  const std::vector<LedgerEntry>& ledger() const { return ledger_; }
  const absl::flat_hash_map<Uuid, Reservation>& reservations() const {
    return reservations_;
  }
  const std::map<Pin, CounterRow>& counters() const { return counters_; }
  const std::vector<Seal>& seals() const { return seals_; }
  ChainHead SealedHead() const;

  // By created_at and id.
  const std::set<std::pair<absl::Time, Uuid>>& by_creation() const {
    return by_creation_;
  }
  bool AnyDue(absl::Time now) const {
    return !open_.empty() && open_.begin()->first <= now;
  }
  PriceTable Prices(int64_t version) const;

  // Fills `set` by `plan`. Of the due reservations at most `due_max` are
  // loaded; returns whether there are as many or more.
  bool Load(const LoadPlan& plan, absl::Time now, int64_t due_max,
            WorkingSet& set) const;

  // What the constraints of the tables say of `set`: OK or INTERNAL.
  absl::Status Check(const WorkingSet& set) const;

  // Takes over what was changed in `set`, which has been checked.
  void Apply(const WorkingSet& set, absl::Time now);

  void Forget(const Uuid& reservation);

  // Seals up to `max` entries and returns how many.
  int64_t SealNext(int64_t max);

 private:
  void LoadReservation(const Uuid& id, WorkingSet& set) const;
  void LoadOpenUnder(const LoadPlan& plan, WorkingSet& set) const;
  void LoadAllocation(const std::string& path, WorkingSet& set) const;
  void LoadCatalog(const LoadPlan& plan, WorkingSet& set) const;
  void LoadCounters(WorkingSet& set) const;
  void LoadCounter(const Pin& key, WorkingSet& set) const;
  void LoadPrices(const LoadPlan& plan, WorkingSet& set) const;
  void LoadHistory(const LoadPlan& plan, const LoadPlan::HistoryNeed& need,
                   absl::Time now, WorkingSet& set) const;
  bool IsInForce(const LoadPlan::HistoryNeed& need) const;
  std::set<AllocationId> IdsUnder(const std::string& path) const;

  absl::Status CheckLedger(const WorkingSet& set) const;
  absl::Status CheckReservations(const WorkingSet& set) const;
  // The row that the slot becomes; nullopt if a constraint forbids it.
  std::optional<CounterRow> RowFor(const WorkingSet& set, const Pin& key,
                                   const WorkingSet::CounterSlot& slot,
                                   absl::Time now) const;

  void ApplyCatalog(const WorkingSet& set);
  void ApplyReservation(const WorkingSet::ReservationSlot& slot);

  RootRecord record_;
  Catalog catalog_;
  std::map<std::string, AllocationId> ids_by_path_;
  std::map<Pin, CounterRow> counters_;
  absl::flat_hash_map<Uuid, Reservation> reservations_;
  std::set<std::pair<absl::Time, Uuid>> open_;  // by expires_at
  std::set<std::pair<absl::Time, Uuid>> by_creation_;
  std::vector<LedgerEntry> ledger_;
  std::vector<Seal> seals_;
  absl::flat_hash_map<Uuid, AdminRequest> requests_;
  std::map<int64_t, std::map<std::string, ModelPrice>> prices_;
};

}  // namespace budget

#endif  // BUDGET_STORE_MEMORY_MEMORY_ROOT_H_
