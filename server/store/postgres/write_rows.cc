#include "server/store/postgres/write_rows.h"

#include <vector>

#include "server/base/shared.h"
#include "server/store/postgres/sql_text.h"

namespace budget {
namespace {

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

// What has become of it.
void PutProgress(const Reservation& reservation, RowArray& row) {
  PutPins(reservation.pins, row);
  row.Units(reservation.held)
      .Units(reservation.spent)
      .Units(reservation.overage)
      .Array(reservation.reported)
      .Bool(reservation.usage_final)
      .Bool(reservation.settled_late)
      .Bool(reservation.unpriced);
}

}  // namespace

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
                const WorkingSet::CounterSlot& slot, absl::Time now,
                TakeCap take_cap, RowArray& rows) {
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
  rows.Time(now).Bool(take_cap == TakeCap::kYes);
}

void PutChange(const std::string& root, const Reservation& reservation,
               RowArray& rows) {
  rows.Row()
      .Text(root)
      .Id(reservation.id())
      .Number(reservation.state)
      .Time(reservation.expires_at)
      .OptTime(reservation.ended_at);
  PutProgress(reservation, rows);
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
  PutProgress(reservation, rows);
  rows.Array(terms.requested)
      .Array(terms.granted)
      .Number(terms.on_expiry)
      .Int8(terms.price_version)
      .Int4s(crossed, Get(&Crossing::limit))
      .Int4s(crossed, Get(&Crossing::warn_percent))
      .Int8(terms.reserve_sequence);
  PutPayload(*terms.payload, rows);
  rows.Text(terms.owner);
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

}  // namespace budget
