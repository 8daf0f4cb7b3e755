#include "tests/store/hand_made.h"

#include <algorithm>
#include <utility>

namespace budget::testing {

Uuid IdOf(int n) {
  static const absl::Time start = absl::Now();
  return IdOf(n, start);
}

Uuid IdOf(int n, absl::Time at) {
  return Uuid::Version7(at, {0, static_cast<uint64_t>(n)});
}

LedgerEntry& AddEntry(WorkingSet& set, absl::Time now, EntryKind kind) {
  set.root.last_time = now;
  set.entries.push_back(
      {.sequence = ++set.root.last_sequence, .at = now, .kind = kind});
  return set.entries.back();
}

const Allocation& AddAllocation(WorkingSet& set, const std::string& path,
                                absl::Time now) {
  AddEntry(set, now, EntryKind::kCreateAllocation);
  Allocation allocation;
  allocation.id = ++set.root.last_allocation;
  allocation.path = path;
  allocation.created_at = now;
  allocation.updated_at = now;
  set.changed_allocations.insert(allocation.id);
  return set.catalog.Put(std::move(allocation));
}

const Limit& AddLimit(WorkingSet& set, const std::string& path, LimitSpec spec,
                      absl::Time now) {
  const LimitId id = ++set.root.last_limit;
  AddEntry(set, now, EntryKind::kSetLimit).caps = {{id, spec.cap}};
  set.changed_limits.insert(id);
  return set.catalog.Put(
      Limit{.id = id,
            .allocation = set.catalog.FindAllocation(path)->id,
            .spec = std::move(spec)});
}

void SetCap(WorkingSet& set, LimitId id, std::optional<int64_t> cap) {
  Limit limit = *set.catalog.FindLimit(id);
  limit.spec.cap = cap;
  set.catalog.Put(std::move(limit));
  set.changed_limits.insert(id);
}

LimitSpec LifetimeUsd(const std::string& name, std::optional<int64_t> cap) {
  return {.name = name, .cap = cap};
}

void Move(WorkingSet& set, const Pin& pin, const CounterDelta& delta,
          absl::Time now) {
  const Limit& limit = *set.catalog.FindLimit(pin.limit);
  WorkingSet::CounterSlot& slot =
      set.counters[CounterKeyOf(limit, pin.window)];
  Age(limit, now, slot.counter);
  Apply(limit, pin.window, delta, now, slot.counter);
  slot.changed = true;
}

Reservation& AddHold(WorkingSet& set, const Uuid& id, const std::string& path,
                     int64_t usd_nanos, absl::Time now, absl::Duration ttl) {
  const Allocation& allocation = *set.catalog.FindAllocation(path);
  ReservePayload payload{.allocations = {path}, .ttl = absl::Minutes(10)};
  payload.amounts[Unit::kUsdNanos] = usd_nanos;
  std::vector<Pin> pins;
  for (const Limit* limit : set.catalog.LimitsOf(allocation)) {
    const Pin pin{limit->id, KeyAt(limit->spec.window, now)};
    pins.push_back(pin);
    Move(set, pin, {.reserved = usd_nanos}, now);
  }
  std::sort(pins.begin(), pins.end());
  Amounts held;
  held[Unit::kUsdNanos] = usd_nanos;
  LedgerEntry& entry = AddEntry(set, now, EntryKind::kReserve);
  Reservation reservation{
      .terms = ReservationTerms{.id = id,
                                .payload = std::move(payload),
                                .allocation_ids = {allocation.id},
                                .requested = held,
                                .granted = held,
                                .reserve_sequence = entry.sequence,
                                .created_at = now},
      .pins = std::move(pins),
      .held = held,
      .expires_at = now + ttl};
  entry.reservation = id;
  entry.allocations = reservation.terms->allocation_ids;
  entry.admitted_at = now;
  entry.pins = reservation.pins;
  entry.reserved = held;
  WorkingSet::ReservationSlot& slot = set.reservations[id];
  slot.reservation = std::move(reservation);
  slot.changed = true;
  return slot.reservation;
}

void SettleHold(WorkingSet& set, const Uuid& id, int64_t usd_nanos,
                absl::Time now) {
  WorkingSet::ReservationSlot& slot = set.reservations.at(id);
  Reservation& reservation = slot.reservation;
  LedgerEntry& entry = AddEntry(set, now, EntryKind::kSettle);
  entry.reservation = id;
  entry.allocations = reservation.terms->allocation_ids;
  entry.admitted_at = reservation.terms->created_at;
  entry.pins = reservation.pins;
  entry.spent[Unit::kUsdNanos] = usd_nanos;
  entry.reserved[Unit::kUsdNanos] = -reservation.held[Unit::kUsdNanos];
  for (const Pin& pin : reservation.pins) {
    Move(set, pin,
         {.spent = usd_nanos, .reserved = entry.reserved[Unit::kUsdNanos]},
         now);
  }
  reservation.spent += entry.spent;
  reservation.held = {};
  reservation.reported = reservation.spent;
  reservation.state = ReservationState::kSettled;
  reservation.usage_final = true;
  reservation.ended_at = now;
  slot.changed = true;
}

}  // namespace budget::testing
