#include "server/rpc/convert.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "server/domain/path.h"
#include "server/rpc/time.h"

namespace budget {
namespace {

// The allocation and name of a limit, wherever a message has both. Returns the
// limit; null if the catalog lacks it.
template <typename Message>
const Limit* NameLimit(LimitId id, const Catalog& catalog, Message& out) {
  const Limit* limit = catalog.FindLimit(id);
  if (limit == nullptr) return nullptr;
  out.set_limit(limit->spec.name);
  const Allocation* owner = catalog.FindAllocation(limit->allocation);
  if (owner != nullptr) out.set_allocation(owner->path);
  return limit;
}

}  // namespace

void ToProto(const Amounts& amounts, v1::Amounts& out) {
  out.set_usd_nanos(amounts[Unit::kUsdNanos]);
  out.set_tokens(amounts[Unit::kTokens]);
  out.set_requests(amounts[Unit::kRequests]);
}

void ToProto(const Amounts& amounts, v1::AmountDeltas& out) {
  out.set_usd_nanos(amounts[Unit::kUsdNanos]);
  out.set_tokens(amounts[Unit::kTokens]);
  out.set_requests(amounts[Unit::kRequests]);
}

v1::Unit ToProto(Unit unit) {
  switch (unit) {
    case Unit::kUsdNanos:
      return v1::UNIT_USD_NANOS;
    case Unit::kTokens:
      return v1::UNIT_TOKENS;
    case Unit::kRequests:
      return v1::UNIT_REQUESTS;
  }
  return v1::UNIT_UNSPECIFIED;
}

void ToProto(const Window& window, v1::Window& out) {
  switch (window.kind) {
    case WindowKind::kLifetime:
      out.mutable_lifetime();
      break;
    case WindowKind::kCalendar:
      out.mutable_calendar()->set_period(
          static_cast<v1::CalendarPeriod>(window.period));
      out.mutable_calendar()->set_time_zone(window.zone_name);
      break;
    case WindowKind::kRolling:
      ToProto(window.duration, *out.mutable_rolling()->mutable_duration());
      break;
  }
}

void ToProto(const LimitSpec& limit, v1::Limit& out) {
  out.set_name(limit.name);
  out.set_unit(ToProto(limit.unit));
  ToProto(limit.window, *out.mutable_window());
  if (limit.cap) out.set_cap(*limit.cap);
  for (int percent : limit.warn_percent) out.add_warn_percent(percent);
}

void ToProto(const Policies& policies, v1::Policies& out) {
  out.set_on_expiry(static_cast<v1::OnExpiry>(policies.on_expiry));
  out.set_overage(static_cast<v1::OveragePolicy>(policies.overage));
  out.set_unpriced(static_cast<v1::UnpricedPolicy>(policies.unpriced));
  if (policies.unpriced == UnpricedPolicy::kFixed) {
    out.set_unpriced_charge_usd_nanos(policies.unpriced_charge_usd_nanos);
  }
  out.set_held_denial(static_cast<v1::HeldDenialPolicy>(policies.held_denial));
}

void ToProto(const Pin& pin, const Catalog& catalog, v1::LimitWindow& out) {
  if (const Limit* limit = NameLimit(pin.limit, catalog, out)) {
    out.set_unit(ToProto(limit->spec.unit));
  }
  out.set_limit_id(pin.limit);
  out.set_window_key(pin.window);
}

void ToProto(const LimitReading& reading, const Catalog& catalog,
             v1::LimitStatus& out) {
  if (const Limit* limit = NameLimit(reading.limit, catalog, out)) {
    out.set_unit(ToProto(limit->spec.unit));
    ToProto(limit->spec.window, *out.mutable_window());
  }
  out.set_figures_hidden(reading.figures_hidden);
  if (reading.cap) out.set_cap(*reading.cap);
  out.set_spent(reading.tally.spent);
  out.set_reserved(reading.tally.reserved);
  out.set_overage(reading.tally.overage);
  if (reading.remaining) out.set_remaining(*reading.remaining);
  if (reading.window_start) {
    ToProto(*reading.window_start, *out.mutable_window_start());
  }
  if (reading.reset_time) {
    ToProto(*reading.reset_time, *out.mutable_reset_time());
  }
  out.set_unpriced_requests(reading.tally.unpriced);
}

void ToProto(const Crossing& crossing, const Catalog& catalog,
             v1::ThresholdCrossing& out) {
  NameLimit(crossing.limit, catalog, out);
  out.set_warn_percent(crossing.warn_percent);
}

void ToProto(const Reservation& reservation, const Catalog& catalog,
             v1::Reservation& out) {
  out.set_reservation_id(reservation.id().ToString());
  for (const std::string& path : reservation.payload().allocations) {
    out.add_allocations(path);
  }
  out.set_root(std::string(RootOf(out.allocations(0))));
  out.set_state(static_cast<v1::ReservationState>(reservation.state));
  ToProto(reservation.terms->requested, *out.mutable_requested());
  ToProto(reservation.terms->granted, *out.mutable_granted());
  ToProto(reservation.held, *out.mutable_held());
  ToProto(reservation.spent, *out.mutable_spent());
  ToProto(reservation.overage, *out.mutable_overage());
  out.mutable_tags()->insert(reservation.payload().tags.begin(),
                             reservation.payload().tags.end());
  ToProto(reservation.terms->created_at, *out.mutable_create_time());
  ToProto(reservation.expires_at, *out.mutable_expire_time());
  if (reservation.ended_at) {
    ToProto(*reservation.ended_at, *out.mutable_end_time());
  }
  out.set_on_expiry(static_cast<v1::OnExpiry>(reservation.terms->on_expiry));
  out.set_settled_late(reservation.settled_late);
  out.set_unpriced(reservation.unpriced);
  out.set_price_version(reservation.terms->price_version);
  out.set_owner(reservation.terms->owner);
  for (const Pin& pin : reservation.pins) {
    ToProto(pin, catalog, *out.add_pins());
  }
}

void ToProto(const Allocation& allocation,
             const std::vector<const Limit*>& limits, v1::Allocation& out) {
  out.set_path(allocation.path);
  out.set_display_name(allocation.display_name);
  out.mutable_labels()->insert(allocation.labels.begin(),
                               allocation.labels.end());
  ToProto(allocation.policies, *out.mutable_policies());
  for (const Limit* limit : limits) ToProto(limit->spec, *out.add_limits());
  out.set_etag(absl::StrCat(allocation.version));
  out.set_frozen(allocation.frozen);
  out.set_freeze_reason(allocation.freeze_reason);
  out.set_archived(allocation.archived);
  ToProto(allocation.created_at, *out.mutable_create_time());
  ToProto(allocation.updated_at, *out.mutable_update_time());
}

void ToProto(const DenialCount& count, v1::DenialCount& out) {
  out.set_allocation(count.allocation);
  out.set_limit(count.limit);
  out.set_reason(std::string(ReasonName(count.reason)));
  out.set_day(absl::FormatCivilTime(count.day));
  out.set_denials(count.denials);
  ToProto(count.requested, *out.mutable_requested());
  ToProto(count.last_time, *out.mutable_last_time());
}

void ToProto(const ModelPrice& price, v1::ModelPrice& out) {
  out.set_model(price.model);
  for (const auto& [meter, usd_nanos] : price.usd_nanos_per_million) {
    v1::MeterPrice& item = *out.add_meters();
    item.set_meter(meter);
    item.set_usd_nanos_per_million(usd_nanos);
  }
}

void ToProto(const VerifyReport& report, v1::VerifyResponse& out) {
  out.set_ok(report.discrepancies_total == 0);
  for (const Discrepancy& found : report.discrepancies) {
    v1::Discrepancy& item = *out.add_discrepancies();
    item.set_subject(found.subject);
    item.set_ledger(found.ledger);
    item.set_stored(found.stored);
    item.set_kind(static_cast<v1::DiscrepancyKind>(found.kind));
  }
  out.set_discrepancies_total(report.discrepancies_total);
  out.set_entries(report.entries);
  out.set_counters(report.counters);
  out.set_reservations(report.reservations);
  out.set_ledger_sequence(report.ledger_sequence);
  out.set_seals(report.seals);
  out.set_sealed_sequence(report.sealed_sequence);
  ToProto(report.read_time, *out.mutable_read_time());
}

void ShowExpired(absl::Time now, Reservation& reservation) {
  if (!reservation.IsOpen() || reservation.expires_at > now) return;
  reservation.state = ReservationState::kExpired;
  reservation.ended_at = now;
  if (reservation.terms->on_expiry == OnExpiry::kSettleHeld) {
    reservation.spent += reservation.held;
  }
  reservation.held = {};
}

}  // namespace budget
