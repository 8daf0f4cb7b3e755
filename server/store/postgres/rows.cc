#include "server/store/postgres/rows.h"

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/zone.h"
#include "server/store/postgres/failure.h"
#include "server/store/postgres/sql_text.h"

namespace budget {

const char kAllocationColumns[] =
    "x.allocation_id, x.path, x.display_name, x.labels, x.on_expiry, "
    "x.overage, x.unpriced, x.unpriced_charge_usd_nanos, x.held_denial, "
    "x.frozen, x.freeze_reason, x.archived, x.version, x.created_at, "
    "x.updated_at";

const char kLimitColumns[] =
    "x.limit_id, x.allocation_id, x.name, x.unit, x.window_kind, "
    "x.calendar_period, x.calendar_zone, x.rolling_seconds, x.cap, "
    "x.warn_percent, x.removed";

const char kCounterColumns[] =
    "x.limit_id, x.window_key, x.spent, x.reserved, x.overage, x.unpriced, "
    "x.bucket_numbers, x.bucket_spent, x.bucket_reserved, x.bucket_overage, "
    "x.bucket_unpriced, x.as_of";

const char kReservationColumns[] =
    "x.id, x.state, x.created_at, x.expires_at, x.ended_at, x.allocation_ids, "
    "x.pin_limits, x.pin_windows, "
    "x.held_usd_nanos, x.held_tokens, x.held_requests, "
    "x.spent_usd_nanos, x.spent_tokens, x.spent_requests, "
    "x.overage_usd_nanos, x.overage_tokens, x.overage_requests, "
    "x.reported, x.usage_final, x.settled_late, x.unpriced, x.requested, "
    "x.granted, x.on_expiry, x.price_version, x.crossed_limits, "
    "x.crossed_percents, x.reserve_sequence, x.asked_origin, x.asked_amounts, "
    "x.asked_minimum, x.asked_ttl_micros, x.asked_tags, x.asked_on_expiry, "
    "x.asked_usd_unknown, x.asked_model, x.asked_meters, x.owner";

const char kLedgerColumns[] =
    "x.sequence, x.at, x.kind, x.reservation, x.allocations, x.admitted_at, "
    "x.pin_limits, x.pin_windows, "
    "x.spent_usd_nanos, x.spent_tokens, x.spent_requests, "
    "x.reserved_usd_nanos, x.reserved_tokens, x.reserved_requests, "
    "x.overage_usd_nanos, x.overage_tokens, x.overage_requests, "
    "x.unpriced, x.cap_limits, x.cap_values, x.actor, x.request, x.detail";

namespace {

void CheckSameSize(size_t a, size_t b) {
  if (a != b) throw InvariantBroken("parallel arrays of a row differ in size");
}

std::vector<Pin> ReadPins(RowReader& row) {
  const std::vector<int32_t> limits = row.Numbers32();
  const std::vector<int64_t> windows = row.Numbers();
  CheckSameSize(limits.size(), windows.size());
  std::vector<Pin> pins;
  pins.reserve(limits.size());
  for (size_t i = 0; i < limits.size(); ++i) {
    pins.push_back({.limit = limits[i], .window = windows[i]});
  }
  return pins;
}

std::vector<Crossing> ReadCrossings(RowReader& row) {
  const std::vector<int32_t> limits = row.Numbers32();
  const std::vector<int32_t> percents = row.Numbers32();
  CheckSameSize(limits.size(), percents.size());
  std::vector<Crossing> crossings;
  for (size_t i = 0; i < limits.size(); ++i) {
    crossings.push_back({.limit = limits[i], .warn_percent = percents[i]});
  }
  return crossings;
}

std::vector<CapChange> ReadCaps(RowReader& row) {
  const std::vector<int32_t> limits = row.Numbers32();
  const auto caps = row.OptNumbers();
  CheckSameSize(limits.size(), caps.size());
  std::vector<CapChange> changes;
  for (size_t i = 0; i < limits.size(); ++i) {
    changes.push_back({.limit = limits[i], .cap = caps[i]});
  }
  return changes;
}

Window ReadWindow(RowReader& row) {
  const auto kind = row.Number<WindowKind>();
  const std::optional<int64_t> period = row.OptInt();
  std::string zone_name;
  if (row.IsNull()) {
    row.Skip();
  } else {
    zone_name = row.Text();
  }
  const std::optional<int64_t> seconds = row.OptInt();
  if (kind == WindowKind::kLifetime) return Window::Lifetime();
  if (kind == WindowKind::kRolling) {
    return Window::Rolling(absl::Seconds(seconds.value_or(0)));
  }
  const std::optional<absl::TimeZone> zone = FindZone(zone_name);
  if (!zone) {
    throw InvariantBroken(absl::StrCat("time zone \"", zone_name,
                                       "\" is not installed: install tzdata"));
  }
  return Window::Calendar(static_cast<CalendarPeriod>(period.value_or(0)),
                          zone_name, *zone);
}

std::vector<Bucket> ReadBuckets(RowReader& row) {
  const std::vector<int64_t> numbers = row.Numbers();
  std::vector<Bucket> buckets(numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) buckets[i].number = numbers[i];
  for (int64_t Bucket::*field : {&Bucket::spent, &Bucket::reserved,
                                 &Bucket::overage, &Bucket::unpriced}) {
    const std::vector<int64_t> values = row.Numbers();
    CheckSameSize(values.size(), numbers.size());
    for (size_t i = 0; i < values.size(); ++i) buckets[i].*field = values[i];
  }
  return buckets;
}

ReservePayload ReadPayload(RowReader& row) {
  ReservePayload payload;
  payload.origin = row.Number<ReservationOrigin>();
  payload.amounts = row.PartialArray();
  if (row.IsNull()) {
    row.Skip();
  } else {
    payload.minimum = row.PartialArray();
  }
  payload.ttl = absl::Microseconds(row.Int());
  payload.tags = sql_text::ToTextMap(row.Json());
  payload.on_expiry = row.Number<OnExpiry>();
  payload.usd_unknown = row.Bool();
  if (!row.IsNull()) {
    ModelUsage usage;
    usage.model = row.Text();
    usage.quantities = sql_text::ToNumberMap(row.Json());
    payload.usage = std::move(usage);
  } else {
    row.Skip();
    row.Skip();
  }
  return payload;
}

}  // namespace

Allocation ReadAllocation(RowReader& row) {
  Allocation allocation;
  allocation.id = row.Int32();
  allocation.path = row.Text();
  allocation.display_name = row.Text();
  allocation.labels = sql_text::ToTextMap(row.Json());
  allocation.policies.on_expiry = row.Number<OnExpiry>();
  allocation.policies.overage = row.Number<OveragePolicy>();
  allocation.policies.unpriced = row.Number<UnpricedPolicy>();
  allocation.policies.unpriced_charge_usd_nanos = row.Int();
  allocation.policies.held_denial = row.Number<HeldDenialPolicy>();
  allocation.frozen = row.Bool();
  allocation.freeze_reason = row.Text();
  allocation.archived = row.Bool();
  allocation.version = row.Int();
  allocation.created_at = row.Time();
  allocation.updated_at = row.Time();
  return allocation;
}

Limit ReadLimit(RowReader& row) {
  Limit limit;
  limit.id = row.Int32();
  limit.allocation = row.Int32();
  limit.spec.name = row.Text();
  limit.spec.unit = row.Number<Unit>();
  limit.spec.window = ReadWindow(row);
  limit.spec.cap = row.OptInt();
  limit.spec.warn_percent = row.Numbers32();
  limit.removed = row.Bool();
  return limit;
}

StoredCounter ReadCounter(RowReader& row) {
  StoredCounter stored;
  stored.key.limit = row.Int32();
  stored.key.window = row.Int();
  Tally& tally = stored.counter.tally;
  tally.spent = row.Int();
  tally.reserved = row.Int();
  tally.overage = row.Int();
  tally.unpriced = row.Int();
  stored.counter.buckets = ReadBuckets(row);
  stored.as_of = row.Time();
  return stored;
}

Reservation ReadReservation(RowReader& row) {
  Reservation reservation;
  ReservationTerms terms;
  terms.id = row.Id();
  reservation.state = row.Number<ReservationState>();
  terms.created_at = row.Time();
  reservation.expires_at = row.Time();
  reservation.ended_at = row.OptTime();
  terms.allocation_ids = row.Numbers32();
  reservation.pins = ReadPins(row);
  reservation.held = row.Units();
  reservation.spent = row.Units();
  reservation.overage = row.Units();
  reservation.reported = row.AmountsArray();
  reservation.usage_final = row.Bool();
  reservation.settled_late = row.Bool();
  reservation.unpriced = row.Bool();
  terms.requested = row.AmountsArray();
  terms.granted = row.AmountsArray();
  terms.on_expiry = row.Number<OnExpiry>();
  terms.price_version = row.Int();
  reservation.crossed_at_reserve = ReadCrossings(row);
  terms.reserve_sequence = row.Int();
  terms.payload = ReadPayload(row);
  terms.owner = row.Text();
  reservation.terms = std::move(terms);
  return reservation;
}

void NameAllocations(const Catalog& catalog, Reservation& reservation) {
  ReservationTerms& terms = reservation.terms.Edit();
  ReservePayload& payload = terms.payload.Edit();
  for (const AllocationId id : terms.allocation_ids) {
    const Allocation* allocation = catalog.FindAllocation(id);
    if (allocation == nullptr) {
      throw InvariantBroken("a reservation refers to a missing allocation");
    }
    payload.allocations.push_back(allocation->path);
  }
}

LedgerEntry ReadLedgerEntry(RowReader& row) {
  LedgerEntry entry;
  entry.sequence = row.Int();
  entry.at = row.Time();
  entry.kind = row.Number<EntryKind>();
  entry.reservation = row.OptId();
  entry.allocations = row.Numbers32();
  entry.admitted_at = row.OptTime();
  entry.pins = ReadPins(row);
  entry.spent = row.Units();
  entry.reserved = row.Units();
  entry.overage = row.Units();
  entry.unpriced = row.Int();
  entry.caps = ReadCaps(row);
  entry.actor = row.Text();
  entry.request = row.OptId();
  entry.detail = sql_text::ToPairs(row.Json());
  return entry;
}

std::optional<LedgerEntry> TryReadLedgerEntry(RowReader row) {
  try {
    return ReadLedgerEntry(row);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace budget
