#include "server/store/postgres/writer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/row_array.h"
#include "server/store/postgres/sql_text.h"
#include "server/store/postgres/write_rows.h"
#include "server/store/postgres/write_statements.h"

namespace budget {
namespace {

// In the order of their keys, so that rows are written in index order.
template <typename Map>
std::vector<const typename Map::value_type*> Sorted(const Map& map) {
  std::vector<const typename Map::value_type*> items;
  items.reserve(map.size());
  for (const auto& item : map) items.push_back(&item);
  std::sort(items.begin(), items.end(),
            [](auto* a, auto* b) { return a->first < b->first; });
  return items;
}

// The first moment at which an open reservation of the root may expire.
std::optional<absl::Time> NextDue(const WorkingSet& set,
                                  const LoadedRoot& loaded) {
  std::optional<absl::Time> next = loaded.next_due;
  for (const auto& [id, slot] : set.reservations) {
    const Reservation& reservation = slot.reservation;
    if (!reservation.IsOpen()) continue;
    if (!next || reservation.expires_at < *next) next = reservation.expires_at;
  }
  return next;
}

int64_t CatalogSequence(const WorkingSet& set, const LoadedRoot& loaded) {
  return set.changed_allocations.empty() && set.changed_limits.empty()
             ? loaded.catalog_sequence
             : set.root.last_sequence;
}

// Whether the root is to be written: also where nothing but time has passed, so
// that nobody looks for due reservations in vain again.
bool IsChanged(const WorkingSet& set, const LoadedRoot& loaded) {
  return set.HasChanges() || NextDue(set, loaded) != loaded.stored_next_due;
}

// Gathers what the sets changed into the parameters of few statements.
class Writing {
 public:
  Writing(const Session& session, const LoadedSets& loaded)
      : session_(session), loaded_(loaded) {}

  Flight Run() {
    for (size_t i = 0; i < loaded_.sets.size(); ++i) {
      const WorkingSet& set = *loaded_.sets[i];
      if (!IsChanged(set, loaded_.roots[i])) continue;
      AddRoot(set, loaded_.roots[i]);
      AddCatalog(set, loaded_.roots[i]);
      AddCounters(set);
      AddReservations(set);
      AddLedger(set);
      AddAdministrative(set);
    }
    return Gathered();
  }

 private:
  void AddRoot(const WorkingSet& set, const LoadedRoot& before);
  void AddCatalog(const WorkingSet& set, const LoadedRoot& before);
  void AddCounters(const WorkingSet& set);
  void AddReservations(const WorkingSet& set);
  void AddLedger(const WorkingSet& set);
  void AddAdministrative(const WorkingSet& set);
  Flight Gathered();

  // Adds a statement where there are rows for it; `Counted` is one that must
  // find all of them.
  void Add(const Statement& statement, RowArray& rows, Flight& flight) const;
  void AddCounted(const Statement& statement, RowArray& rows,
                  Flight& flight) const;

  const Session& session_;
  const LoadedSets& loaded_;
  RowArray insert_roots_{kRootRow};
  RowArray update_roots_{kRootRow};
  RowArray insert_allocations_{kAllocationRow};
  RowArray update_allocations_{kAllocationRow};
  RowArray insert_limits_{kLimitRow};
  RowArray update_limits_{kLimitRow};
  RowArray changed_limits_{kLimitRow};
  RowArray insert_counters_{kCounterRow};
  RowArray move_counters_{kCounterRow};
  RowArray reset_counters_{kCounterRow};
  RowArray insert_reservations_{kReservationRow};
  RowArray update_reservations_{kReservationChange};
  RowArray insert_ledger_{kLedgerRow};
  RowArray insert_requests_{kRequestRow};
  RowArray insert_prices_{kPriceRow};
};

void Writing::AddRoot(const WorkingSet& set, const LoadedRoot& before) {
  const RootRecord& root = set.root;
  const bool exists = before.last_sequence != 0 || before.last_allocation != 0;
  (exists ? update_roots_ : insert_roots_)
      .Row()
      .Text(root.name)
      .Int8(root.last_sequence)
      .Time(root.last_time)
      .Int4(root.last_allocation)
      .Int4(root.last_limit)
      .Int8(root.price_version)
      .OptTime(NextDue(set, before))
      .Int8(CatalogSequence(set, before))
      .Int8(before.last_sequence);
}

void Writing::AddCatalog(const WorkingSet& set, const LoadedRoot& before) {
  for (const AllocationId id : set.changed_allocations) {
    PutAllocation(
        set.root.name, *set.catalog.FindAllocation(id),
        id > before.last_allocation ? insert_allocations_ : update_allocations_);
  }
  for (const LimitId id : set.changed_limits) {
    const Limit& limit = *set.catalog.FindLimit(id);
    if (id > before.last_limit) {
      PutLimit(set.root.name, limit, insert_limits_);
    } else {
      PutLimit(set.root.name, limit, update_limits_);
      PutLimit(set.root.name, limit, changed_limits_);
    }
  }
}

void Writing::AddCounters(const WorkingSet& set) {
  for (const auto* item : Sorted(set.counters)) {
    const auto& [key, slot] = *item;
    if (!slot.changed) continue;
    const TakeCap take_cap = set.changed_limits.contains(key.limit)
                                 ? TakeCap::kYes
                                 : TakeCap::kNo;
    RowArray& rows = !slot.exists                ? insert_counters_
                     : take_cap == TakeCap::kYes ? reset_counters_
                                                 : move_counters_;
    PutCounter(set.root.name, key, slot, loaded_.now, take_cap, rows);
  }
}

void Writing::AddReservations(const WorkingSet& set) {
  for (const auto* item : Sorted(set.reservations)) {
    const WorkingSet::ReservationSlot& slot = item->second;
    if (!slot.changed) continue;
    if (slot.exists) {
      PutChange(set.root.name, slot.reservation, update_reservations_);
    } else {
      PutReservation(set.root.name, slot.reservation, insert_reservations_);
    }
  }
}

void Writing::AddLedger(const WorkingSet& set) {
  for (const LedgerEntry& entry : set.entries) {
    PutEntry(set.root.name, entry, insert_ledger_);
  }
}

void Writing::AddAdministrative(const WorkingSet& set) {
  for (const auto& [id, request] : set.new_requests) {
    insert_requests_.Row()
        .Text(set.root.name)
        .Id(id)
        .Number(request.kind)
        .Bytes(request.fingerprint)
        .Time(loaded_.now);
  }
  for (const auto& [version, prices] : set.new_prices) {
    for (const ModelPrice& price : prices) {
      insert_prices_.Row()
          .Text(set.root.name)
          .Int8(version)
          .Text(price.model)
          .Json(sql_text::FromMap(price.usd_nanos_per_million));
    }
  }
}

void Writing::Add(const Statement& statement, RowArray& rows,
                  Flight& flight) const {
  if (!rows.empty()) flight.Add(statement, {session_.Take(rows)});
}

void Writing::AddCounted(const Statement& statement, RowArray& rows,
                         Flight& flight) const {
  if (rows.empty()) return;
  const std::string expected = absl::StrCat(rows.rows());
  flight.Add(statement, {session_.Take(rows), expected});
}

// Counters take their caps from the limits, so these are written before.
Flight Writing::Gathered() {
  Flight flight;
  Add(kInsertRoots, insert_roots_, flight);
  AddCounted(kUpdateRoots, update_roots_, flight);
  Add(kInsertAllocations, insert_allocations_, flight);
  AddCounted(kUpdateAllocations, update_allocations_, flight);
  Add(kInsertLimits, insert_limits_, flight);
  AddCounted(kUpdateLimits, update_limits_, flight);
  Add(kSyncCaps, changed_limits_, flight);
  Add(kInsertRequests, insert_requests_, flight);
  Add(kInsertPrices, insert_prices_, flight);
  AddCounted(kInsertCounters, insert_counters_, flight);
  AddCounted(kMoveCounters, move_counters_, flight);
  AddCounted(kResetCounters, reset_counters_, flight);
  Add(kInsertReservations, insert_reservations_, flight);
  AddCounted(kUpdateReservations, update_reservations_, flight);
  Add(kInsertLedger, insert_ledger_, flight);
  return flight;
}

}  // namespace

bool HasChanges(const LoadedSets& loaded) {
  for (size_t i = 0; i < loaded.sets.size(); ++i) {
    if (IsChanged(*loaded.sets[i], loaded.roots[i])) return true;
  }
  return false;
}

void WriteAndCommit(Session& session, const LoadedSets& loaded) {
  Flight flight = Writing(session, loaded).Run();
  flight.Commit();
  session.Fly(flight);
}

}  // namespace budget
