#include "server/store/postgres/writer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/row_array.h"
#include "server/store/postgres/sql_text.h"
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

// What an array of items holds in one column: one of their fields.
template <typename Item, typename Field>
auto Get(Field Item::*field) {
  return [field](const Item& item) { return item.*field; };
}

constexpr auto kItself = [](const auto& item) { return item; };

void PutPins(const SharedList<Pin>& pins, RowArray& row) {
  row.Int4s(pins, Get(&Pin::limit)).Int8s(pins, Get(&Pin::window));
}

void PutBuckets(const std::vector<Bucket>& buckets, RowArray& row) {
  for (int64_t Bucket::*field :
       {&Bucket::number, &Bucket::spent, &Bucket::reserved, &Bucket::overage,
        &Bucket::unpriced}) {
    row.Int8s(buckets, Get(field));
  }
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

void PutAllocation(const std::string& root, const Allocation& allocation,
                   RowArray& rows) {
  const Policies& policies = allocation.policies;
  rows.Row()
      .Text(root)
      .Int4(allocation.id)
      .Text(allocation.path)
      .Text(allocation.display_name)
      .Json(sql_text::FromMap(allocation.labels))
      .Number(policies.on_expiry)
      .Number(policies.overage)
      .Number(policies.unpriced)
      .Int8(policies.unpriced_charge_usd_nanos)
      .Number(policies.held_denial)
      .Bool(allocation.frozen)
      .Text(allocation.freeze_reason)
      .Bool(allocation.archived)
      .Int8(allocation.version)
      .Time(allocation.created_at)
      .Time(allocation.updated_at);
}

void PutLimit(const std::string& root, const Limit& limit, RowArray& rows) {
  const Window& window = limit.spec.window;
  rows.Row()
      .Text(root)
      .Int4(limit.id)
      .Int4(limit.allocation)
      .Text(limit.spec.name)
      .Number(limit.spec.unit)
      .Number(window.kind);
  if (window.kind == WindowKind::kCalendar) {
    rows.Number(window.period).Text(window.zone_name);
  } else {
    rows.Null(binary::Type::kInt2).Null(binary::Type::kText);
  }
  if (window.kind == WindowKind::kRolling) {
    rows.Int8(absl::ToInt64Seconds(window.duration));
  } else {
    rows.Null(binary::Type::kInt8);
  }
  rows.OptInt8(limit.spec.cap)
      .Int4s(limit.spec.warn_percent, kItself)
      .Bool(limit.removed);
}

void PutCounter(const std::string& root, const Pin& key,
                const WorkingSet::CounterSlot& slot, absl::Time now, bool reset,
                RowArray& rows) {
  const Tally& tally = slot.counter.tally;
  const Tally stored = slot.exists ? slot.stored : Tally{};
  rows.Row()
      .Text(root)
      .Int4(key.limit)
      .Int8(key.window)
      .Int8(tally.spent - stored.spent)
      .Int8(tally.reserved - stored.reserved)
      .Int8(tally.overage - stored.overage)
      .Int8(tally.unpriced - stored.unpriced);
  PutBuckets(slot.counter.buckets, rows);
  rows.Time(now).Bool(reset);
}

void PutChange(const std::string& root, const Reservation& reservation,
               RowArray& rows) {
  rows.Row()
      .Text(root)
      .Id(reservation.id())
      .Number(reservation.state)
      .Time(reservation.expires_at)
      .OptTime(reservation.ended_at);
  PutPins(reservation.pins, rows);
  rows.Units(reservation.held)
      .Units(reservation.spent)
      .Units(reservation.overage)
      .Array(reservation.reported)
      .Bool(reservation.usage_final)
      .Bool(reservation.settled_late)
      .Bool(reservation.unpriced);
}

void PutPayload(const ReservePayload& payload, RowArray& row) {
  row.Number(payload.origin).Array(payload.amounts);
  if (payload.minimum) {
    row.Array(*payload.minimum);
  } else {
    row.Null(binary::Type::kInt8Array);
  }
  row.Int8(absl::ToInt64Microseconds(payload.ttl))
      .Json(sql_text::FromMap(payload.tags))
      .Number(payload.on_expiry)
      .Bool(payload.usd_unknown);
  if (payload.usage) {
    row.Text(payload.usage->model)
        .Json(sql_text::FromMap(payload.usage->quantities));
  } else {
    row.Null(binary::Type::kText).Null(binary::Type::kJsonb);
  }
}

void PutReservation(const std::string& root, const Reservation& reservation,
                    RowArray& rows) {
  const ReservationTerms& terms = *reservation.terms;
  const SharedList<Crossing>& crossed = reservation.crossed_at_reserve;
  rows.Row()
      .Text(root)
      .Id(terms.id)
      .Number(reservation.state)
      .Time(terms.created_at)
      .Time(reservation.expires_at)
      .OptTime(reservation.ended_at)
      .Int4s(terms.allocation_ids, kItself);
  PutPins(reservation.pins, rows);
  rows.Units(reservation.held)
      .Units(reservation.spent)
      .Units(reservation.overage)
      .Array(reservation.reported)
      .Bool(reservation.usage_final)
      .Bool(reservation.settled_late)
      .Bool(reservation.unpriced)
      .Array(terms.requested)
      .Array(terms.granted)
      .Number(terms.on_expiry)
      .Int8(terms.price_version)
      .Int4s(crossed, Get(&Crossing::limit))
      .Int4s(crossed, Get(&Crossing::warn_percent))
      .Int8(terms.reserve_sequence);
  PutPayload(*terms.payload, rows);
}

void PutEntry(const std::string& root, const LedgerEntry& entry,
              RowArray& rows) {
  rows.Row()
      .Text(root)
      .Int8(entry.sequence)
      .Time(entry.at)
      .Number(entry.kind)
      .OptId(entry.reservation)
      .Int4s(entry.allocations, kItself)
      .OptTime(entry.admitted_at);
  PutPins(entry.pins, rows);
  rows.Units(entry.spent)
      .Units(entry.reserved)
      .Units(entry.overage)
      .Int8(entry.unpriced)
      .Int4s(entry.caps, Get(&CapChange::limit))
      .Int8s(entry.caps, Get(&CapChange::cap))
      .Text(entry.actor)
      .OptId(entry.request)
      .Json(sql_text::FromPairs(entry.detail));
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
    const bool reset = set.changed_limits.contains(key.limit);
    RowArray& rows = !slot.exists ? insert_counters_
                     : reset      ? reset_counters_
                                  : move_counters_;
    PutCounter(set.root.name, key, slot, loaded_.now, reset, rows);
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

Flight WritesOf(const Session& session, const LoadedSets& loaded) {
  return Writing(session, loaded).Run();
}

void WriteAndCommit(Session& session, const LoadedSets& loaded) {
  Flight flight = WritesOf(session, loaded);
  flight.Commit();
  session.Fly(flight);
}

}  // namespace budget
