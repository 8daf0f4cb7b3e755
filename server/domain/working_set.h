#ifndef BUDGET_DOMAIN_WORKING_SET_H_
#define BUDGET_DOMAIN_WORKING_SET_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_map.h"
#include "absl/time/time.h"
#include "server/base/uuid.h"
#include "server/domain/catalog.h"
#include "server/domain/counter.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/limit.h"
#include "server/domain/prices.h"
#include "server/domain/reservation.h"

namespace budget {

// The head of a root.
struct RootRecord {
  std::string name;
  bool exists = false;        // false until its first allocation is created
  int64_t last_sequence = 0;  // of its ledger
  absl::Time last_time;       // of the last entry: time never falls
  AllocationId last_allocation = 0;
  LimitId last_limit = 0;
  int64_t price_version = 0;  // in force; 0: no prices
};

// An administrative change that was made: a repeat must say the same.
struct AdminRequest {
  EntryKind kind = EntryKind::kUpdateAllocation;
  std::string fingerprint;  // of the arguments
};

// What the ledger says of usage at and under an allocation that was admitted
// in the current window of a limit to be: one item for each bucket of a
// rolling window, one in all for others. A sum past kAmountMax may be cut to
// kAmountMax + 1, which no counter can keep either.
struct UsageHistory {
  struct Item {
    WindowKey window = 0;
    int64_t spent = 0;
    int64_t overage = 0;
    int64_t unpriced = 0;
  };
  std::vector<Item> items;
};

// What one root's operations need to know and what they change: loaded by a
// store, changed by Decide, written back by the store in the same transaction.
// The store writes what is marked `changed` and inserts what does not `exist`;
// the cap of a changed limit takes effect on all its counters, of every window.
// Not thread-safe.
struct WorkingSet {
  struct CounterSlot {
    Counter counter;
    Tally stored;           // the tally as loaded, before ageing
    bool exists = false;
    bool changed = false;
  };
  struct ReservationSlot {
    Reservation reservation;
    bool exists = false;
    bool changed = false;
  };

  RootRecord root;
  Catalog catalog;

  // Loaded: for each limit of the catalog its latest window, and every window
  // that a loaded reservation is pinned to. Keys as CounterKeyOf gives them.
  absl::node_hash_map<Pin, CounterSlot> counters;
  // Loaded: those asked for, and those that are due to expire: all of them
  // unless more_due says otherwise.
  absl::node_hash_map<Uuid, ReservationSlot> reservations;
  absl::flat_hash_map<Uuid, AdminRequest> requests;
  // By version and model. Loaded: models asked for, in the version in force
  // and in those that loaded reservations are pinned to.
  absl::flat_hash_map<std::pair<int64_t, std::string>, ModelPrice> prices;
  // Paths asked for that have children which are not archived.
  absl::flat_hash_set<std::string> with_children;
  // For SetLimit of a new limit: by HistoryKey.
  absl::flat_hash_map<std::string, UsageHistory> histories;

  // More is due than was loaded.
  bool more_due = false;
  // Decide could not do without the rest of what is due.
  bool undecided = false;

  // Changes beside the slots above.
  std::vector<LedgerEntry> entries;  // appended, in order
  absl::flat_hash_set<AllocationId> changed_allocations;  // new ones too
  absl::flat_hash_set<LimitId> changed_limits;            // new ones too
  absl::flat_hash_map<Uuid, AdminRequest> new_requests;
  std::map<int64_t, std::vector<ModelPrice>> new_prices;  // by version

  // A request that found nothing to change is kept too: or a copy of it that
  // comes late would undo what somebody else has changed since.
  bool HasChanges() const { return !entries.empty() || !new_requests.empty(); }
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_WORKING_SET_H_
