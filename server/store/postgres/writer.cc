#include "server/store/postgres/writer.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/store/postgres/sql_text.h"
#include "server/store/postgres/write_batch.h"
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

template <typename Items, typename Field>
std::string FieldArray(const Items& items, Field field) {
  sql_text::ArrayBuilder builder;
  for (const auto& item : items) builder.Add(item.*field);
  return builder.Take();
}

std::string CapArray(const std::vector<CapChange>& caps) {
  sql_text::ArrayBuilder builder;
  for (const CapChange& change : caps) {
    if (change.cap) {
      builder.Add(*change.cap);
    } else {
      builder.AddNull();
    }
  }
  return builder.Take();
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

// Gathers what the sets changed into the parameters of few statements.
class Writing {
 public:
  Writing(Session& session, const LoadedSets& loaded)
      : session_(session), loaded_(loaded) {}

  void Run() {
    for (size_t i = 0; i < loaded_.sets.size(); ++i) {
      const WorkingSet& set = *loaded_.sets[i];
      if (!set.HasChanges()) continue;
      AddRoot(set, loaded_.roots[i]);
      AddCatalog(set, loaded_.roots[i]);
      AddCounters(set);
      AddReservations(set);
      AddLedger(set);
      AddAdministrative(set);
    }
    Execute();
  }

 private:
  void AddRoot(const WorkingSet& set, const LoadedRoot& before);
  void AddCatalog(const WorkingSet& set, const LoadedRoot& before);
  void AddLimit(const std::string& root, const Limit& limit, Columns& columns);
  void AddCounters(const WorkingSet& set);
  void AddReservations(const WorkingSet& set);
  void AddReservation(const std::string& root, const Reservation& reservation);
  void AddLedger(const WorkingSet& set);
  void AddAdministrative(const WorkingSet& set);
  void Execute();

  Session& session_;
  const LoadedSets& loaded_;
  Columns insert_roots_{7};
  Columns update_roots_{8};
  Columns insert_allocations_{16};
  Columns update_allocations_{16};
  Columns insert_limits_{12};
  Columns update_limits_{5};
  Columns changed_limits_{2};
  Columns insert_counters_{14};
  Columns move_counters_{13};
  Columns reset_counters_{13};
  Columns insert_reservations_{38};
  Columns update_reservations_{20};
  Columns insert_ledger_{24};
  Columns insert_requests_{5};
  Columns insert_prices_{4};
};

void Writing::AddRoot(const WorkingSet& set, const LoadedRoot& before) {
  const RootRecord& root = set.root;
  Columns& columns = before.last_sequence == 0 && before.last_allocation == 0
                         ? insert_roots_
                         : update_roots_;
  columns.Row()
      .Text(root.name)
      .Int(root.last_sequence)
      .Time(root.last_time)
      .Int(root.last_allocation)
      .Int(root.last_limit)
      .Int(root.price_version)
      .OptTime(NextDue(set, before));
  if (&columns == &update_roots_) columns.Int(before.last_sequence);
}

void Writing::AddCatalog(const WorkingSet& set, const LoadedRoot& before) {
  for (const AllocationId id : set.changed_allocations) {
    const Allocation& allocation = *set.catalog.FindAllocation(id);
    const Policies& policies = allocation.policies;
    (id > before.last_allocation ? insert_allocations_ : update_allocations_)
        .Row()
        .Text(set.root.name)
        .Int(id)
        .Text(allocation.path)
        .Text(allocation.display_name)
        .Text(sql_text::FromMap(allocation.labels))
        .Number(policies.on_expiry)
        .Number(policies.overage)
        .Number(policies.unpriced)
        .Int(policies.unpriced_charge_usd_nanos)
        .Number(policies.held_denial)
        .Bool(allocation.frozen)
        .Text(allocation.freeze_reason)
        .Bool(allocation.archived)
        .Int(allocation.version)
        .Time(allocation.created_at)
        .Time(allocation.updated_at);
  }
  for (const LimitId id : set.changed_limits) {
    const Limit& limit = *set.catalog.FindLimit(id);
    if (id > before.last_limit) {
      AddLimit(set.root.name, limit, insert_limits_);
      continue;
    }
    update_limits_.Row()
        .Text(set.root.name)
        .Int(id)
        .OptInt(limit.spec.cap)
        .Array(limit.spec.warn_percent)
        .Bool(limit.removed);
    changed_limits_.Row().Text(set.root.name).Int(id);
  }
}

void Writing::AddLimit(const std::string& root, const Limit& limit,
                       Columns& columns) {
  const Window& window = limit.spec.window;
  std::optional<int64_t> period;
  std::optional<std::string> zone;
  std::optional<int64_t> seconds;
  if (window.kind == WindowKind::kCalendar) {
    period = static_cast<int64_t>(window.period);
    zone = window.zone_name;
  } else if (window.kind == WindowKind::kRolling) {
    seconds = absl::ToInt64Seconds(window.duration);
  }
  columns.Row()
      .Text(root)
      .Int(limit.id)
      .Int(limit.allocation)
      .Text(limit.spec.name)
      .Number(limit.spec.unit)
      .Number(window.kind)
      .OptInt(period)
      .OptText(zone)
      .OptInt(seconds)
      .OptInt(limit.spec.cap)
      .Array(limit.spec.warn_percent)
      .Bool(limit.removed);
}

void Writing::AddCounters(const WorkingSet& set) {
  for (const auto* item : Sorted(set.counters)) {
    const auto& [key, slot] = *item;
    if (!slot.changed) continue;
    const bool reset = set.changed_limits.contains(key.limit);
    Columns& columns = !slot.exists ? insert_counters_
                       : reset      ? reset_counters_
                                    : move_counters_;
    const Tally& tally = slot.counter.tally;
    const Tally stored = slot.exists ? slot.stored : Tally{};
    const std::vector<Bucket>& buckets = slot.counter.buckets;
    columns.Row()
        .Text(set.root.name)
        .Int(key.limit)
        .Int(key.window)
        .Int(tally.spent - stored.spent)
        .Int(tally.reserved - stored.reserved)
        .Int(tally.overage - stored.overage)
        .Int(tally.unpriced - stored.unpriced)
        .Text(FieldArray(buckets, &Bucket::number))
        .Text(FieldArray(buckets, &Bucket::spent))
        .Text(FieldArray(buckets, &Bucket::reserved))
        .Text(FieldArray(buckets, &Bucket::overage))
        .Text(FieldArray(buckets, &Bucket::unpriced))
        .Time(loaded_.now);
    if (&columns == &insert_counters_) columns.Bool(reset);
  }
}

void Writing::AddReservations(const WorkingSet& set) {
  for (const auto* item : Sorted(set.reservations)) {
    const WorkingSet::ReservationSlot& slot = item->second;
    if (!slot.changed) continue;
    const Reservation& reservation = slot.reservation;
    if (!slot.exists) {
      AddReservation(set.root.name, reservation);
      continue;
    }
    update_reservations_.Row()
        .Text(set.root.name)
        .Id(reservation.id())
        .Number(reservation.state)
        .Time(reservation.expires_at)
        .OptTime(reservation.ended_at)
        .Text(FieldArray(reservation.pins, &Pin::limit))
        .Text(FieldArray(reservation.pins, &Pin::window))
        .Units(reservation.held)
        .Units(reservation.spent)
        .Units(reservation.overage)
        .Array(reservation.reported)
        .Bool(reservation.usage_final)
        .Bool(reservation.settled_late)
        .Bool(reservation.unpriced);
  }
}

void Writing::AddReservation(const std::string& root,
                             const Reservation& reservation) {
  const ReservationTerms& terms = *reservation.terms;
  const ReservePayload& payload = *terms.payload;
  std::optional<std::string> minimum;
  std::optional<std::string> model;
  std::optional<std::string> meters;
  if (payload.minimum) {
    minimum = sql_text::FromOptionalNumbers(payload.minimum->by_unit);
  }
  if (payload.usage) {
    model = payload.usage->model;
    meters = sql_text::FromMap(payload.usage->quantities);
  }
  const SharedList<Crossing>& crossed = reservation.crossed_at_reserve;
  insert_reservations_.Row()
      .Text(root)
      .Id(terms.id)
      .Number(reservation.state)
      .Time(terms.created_at)
      .Time(reservation.expires_at)
      .OptTime(reservation.ended_at)
      .Array(terms.allocation_ids)
      .Text(FieldArray(reservation.pins, &Pin::limit))
      .Text(FieldArray(reservation.pins, &Pin::window))
      .Units(reservation.held)
      .Units(reservation.spent)
      .Units(reservation.overage)
      .Array(reservation.reported)
      .Bool(reservation.usage_final)
      .Bool(reservation.settled_late)
      .Bool(reservation.unpriced)
      .Array(terms.requested)
      .Array(terms.granted)
      .Number(terms.on_expiry)
      .Int(terms.price_version)
      .Text(FieldArray(crossed, &Crossing::limit))
      .Text(FieldArray(crossed, &Crossing::warn_percent))
      .Int(terms.reserve_sequence)
      .Number(payload.origin)
      .Array(payload.amounts)
      .OptText(minimum)
      .Int(absl::ToInt64Microseconds(payload.ttl))
      .Text(sql_text::FromMap(payload.tags))
      .Number(payload.on_expiry)
      .Bool(payload.usd_unknown)
      .OptText(model)
      .OptText(meters);
}

void Writing::AddLedger(const WorkingSet& set) {
  for (const LedgerEntry& entry : set.entries) {
    insert_ledger_.Row()
        .Text(set.root.name)
        .Int(entry.sequence)
        .Time(entry.at)
        .Number(entry.kind)
        .OptId(entry.reservation)
        .Array(entry.allocations)
        .OptTime(entry.admitted_at)
        .Text(FieldArray(entry.pins, &Pin::limit))
        .Text(FieldArray(entry.pins, &Pin::window))
        .Units(entry.spent)
        .Units(entry.reserved)
        .Units(entry.overage)
        .Int(entry.unpriced)
        .Text(FieldArray(entry.caps, &CapChange::limit))
        .Text(CapArray(entry.caps))
        .Text(entry.actor)
        .OptId(entry.request)
        .Text(sql_text::FromPairs(entry.detail));
  }
}

void Writing::AddAdministrative(const WorkingSet& set) {
  for (const auto& [id, request] : set.new_requests) {
    insert_requests_.Row()
        .Text(set.root.name)
        .Id(id)
        .Number(request.kind)
        .Text(sql_text::FromBytes(request.fingerprint))
        .Time(loaded_.now);
  }
  for (const auto& [version, prices] : set.new_prices) {
    for (const ModelPrice& price : prices) {
      insert_prices_.Row()
          .Text(set.root.name)
          .Int(version)
          .Text(price.model)
          .Text(sql_text::FromMap(price.usd_nanos_per_million));
    }
  }
}

// Counters take their caps from the limits, so these are written before.
void Writing::Execute() {
  WriteBatch catalog;
  catalog.Add(kInsertAllocations, insert_allocations_);
  catalog.Add(kUpdateAllocations, update_allocations_);
  catalog.Add(kInsertLimits, insert_limits_);
  catalog.Add(kUpdateLimits, update_limits_);
  catalog.Add(kInsertRequests, insert_requests_);
  catalog.Add(kInsertPrices, insert_prices_);
  catalog.Run(session_);
  if (!changed_limits_.empty()) {
    session_.Run(kSyncCaps, changed_limits_.Take());
  }
  WriteBatch usage;
  usage.Add(kInsertRoots, insert_roots_);
  usage.Add(kUpdateRoots, update_roots_);
  usage.Add(kInsertCounters, insert_counters_);
  usage.Add(kMoveCounters, move_counters_);
  usage.Add(kResetCounters, reset_counters_);
  usage.Add(kInsertReservations, insert_reservations_);
  usage.Add(kUpdateReservations, update_reservations_);
  usage.Add(kInsertLedger, insert_ledger_);
  usage.Run(session_);
}

}  // namespace

bool HasChanges(const LoadedSets& loaded) {
  return std::any_of(loaded.sets.begin(), loaded.sets.end(),
                     [](const auto& set) { return set->HasChanges(); });
}

void Write(Session& session, const LoadedSets& loaded) {
  Writing(session, loaded).Run();
}

}  // namespace budget
