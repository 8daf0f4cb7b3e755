#include <algorithm>

#include "tests/model/model.h"
#include "tests/model/paths.h"

namespace budget::model {
namespace {

constexpr absl::Duration kFutureMax = absl::Hours(24);

Prediction Accept(const ModelReservation& reservation) {
  Prediction p;
  p.reservation = reservation;
  return p;
}

Prediction RefuseWith(Reason reason, const ModelReservation& reservation) {
  Prediction p = Prediction::Refuse(reason);
  p.reservation = reservation;
  return p;
}

bool IsZero(const Amounts& amounts) { return amounts == Amounts{}; }

Amounts Defaults(const PartialAmounts& given) {
  Amounts amounts;
  for (Unit unit : kUnits) amounts[unit] = given[unit].value_or(0);
  amounts[Unit::kRequests] = given[Unit::kRequests].value_or(1);
  return amounts;
}

// The first field, in the order of the request, in which a repeat says
// something else; empty if it says the same.
std::string FieldThatDiffers(const ReservePayload& first,
                             const ReservePayload& again) {
  if (again.origin != first.origin) return "reservation_id";
  if (again.allocations != first.allocations) return "allocations";
  const bool holds = again.origin == ReservationOrigin::kReserve;
  const std::string amounts = holds ? "amounts." : "actual.";
  if (first.amounts[Unit::kUsdNanos] != again.amounts[Unit::kUsdNanos]) {
    return amounts + "usd_nanos";
  }
  if (first.amounts[Unit::kTokens] != again.amounts[Unit::kTokens]) {
    return amounts + "tokens";
  }
  if (first.amounts[Unit::kRequests] != again.amounts[Unit::kRequests]) {
    return amounts + "requests";
  }
  const std::pair<const char*, bool> rest[] = {
      {"minimum", again.minimum == first.minimum},
      {"ttl", again.ttl == first.ttl},
      {"tags", again.tags == first.tags},
      {"on_expiry", again.on_expiry == first.on_expiry},
      {"usd_unknown", again.usd_unknown == first.usd_unknown},
      {"usage", again.usage == first.usage}};
  for (const auto& [field, same] : rest) {
    if (!same) return field;
  }
  return "";
}

}  // namespace

std::optional<Prediction> Model::Known(const Uuid& id,
                                       const ReservePayload& payload) const {
  const auto known = reservations_.find(id);
  if (known != reservations_.end()) {
    const ModelReservation& r = known->second;
    const std::string field = FieldThatDiffers(r.payload, payload);
    if (!field.empty()) {
      return Prediction::Refuse(Reason::kIdempotencyMismatch, field);
    }
    Prediction p = Accept(r);
    p.replayed = true;
    p.crossed = r.crossed;
    return p;
  }
  if (const std::optional<absl::Time> made = id.Time()) {
    if (*made < now_ - retention_) {
      return Prediction::Refuse(Reason::kReservationIdTooOld);
    }
    if (*made > now_ + kFutureMax) {
      return Prediction::Refuse(Reason::kInvalidField, "reservation_id");
    }
  }
  return std::nullopt;
}

// The first reason in order of precedence why these take no new holds.
std::optional<Reason> Model::Blocked(
    const std::vector<std::string>& paths) const {
  std::optional<Reason> first;
  const auto note = [&first](Reason reason) {
    first = std::min(first.value_or(reason), reason);
  };
  for (const std::string& path : paths) {
    if (!allocations_.contains(path)) {
      note(Reason::kAllocationNotFound);
      continue;
    }
    for (absl::string_view prefix : LineDownTo(path)) {
      const ModelAllocation& a = allocations_.at(std::string(prefix));
      if (a.archived) note(Reason::kAllocationArchived);
      if (a.frozen) note(Reason::kAllocationFrozen);
    }
  }
  return first;
}

Prediction Model::On(const Reserve& op) {
  if (auto known = Known(op.id, *op.payload)) return *known;
  const std::vector<std::string>& paths = op.payload->allocations;
  if (const auto blocked = Blocked(paths)) return Prediction::Refuse(*blocked);
  ModelReservation r;
  r.payload = *op.payload;
  r.price_version = price_version();
  r.requested = Defaults(op.payload->amounts);
  r.unpriced = op.payload->usd_unknown;
  if (op.payload->usage) {
    const auto price = Price(*op.payload->usage, r.price_version);
    r.unpriced |= !price.has_value();
    r.requested[Unit::kUsdNanos] = price.value_or(0);
  }
  if (r.unpriced) {
    if (DeniesUnpriced(paths)) return Prediction::Refuse(Reason::kUnpriced);
    r.requested[Unit::kUsdNanos] = FixedCharge(paths);
  }
  r.granted = r.requested;
  std::vector<Demand> demands;
  for (int limit : LimitsFor(paths)) {
    const WindowKey key = KeyAt(limits_[limit].spec.window, now_);
    r.pins.emplace_back(limit, key);
    const Unit unit = limits_[limit].spec.unit;
    int64_t& granted = r.granted[unit];
    Demand demand{limit, key, r.requested[unit]};
    if (op.payload->minimum && (*op.payload->minimum)[unit]) {
      granted = std::min(granted, Affordable(limit, key));
      demand.amount = std::min(demand.amount, *(*op.payload->minimum)[unit]);
    }
    demands.push_back(demand);
  }
  std::vector<ModelViolation> violations;
  for (const Demand& demand : demands) {
    if (auto v = Check(demand)) violations.push_back(*v);
  }
  if (!violations.empty()) {
    return Deny(std::move(violations), demands, r.requested);
  }
  r.held = r.granted;
  r.on_expiry = op.payload->on_expiry != OnExpiry::kInherit
                    ? op.payload->on_expiry
                    : Effective(paths.front(), &Policies::on_expiry,
                                OnExpiry::kRelease);
  r.created_at = now_;
  r.expires_at = now_ + op.payload->ttl;
  const Usages before = UsagesOf(r.pins);
  reservations_[op.id] = r;
  r.crossed = CrossedSince(r.pins, before);
  reservations_[op.id] = r;
  if (op.validate_only) reservations_.erase(op.id);
  Prediction p = Accept(r);
  p.crossed = r.crossed;
  return p;
}

Prediction Model::On(const RecordUsage& op) {
  if (auto known = Known(op.id, *op.payload)) return *known;
  for (const std::string& path : op.payload->allocations) {
    if (!allocations_.contains(path)) {
      return Prediction::Refuse(Reason::kAllocationNotFound);
    }
  }
  ModelReservation r;
  r.payload = *op.payload;
  r.price_version = price_version();
  Amounts actual = Defaults(op.payload->amounts);
  r.unpriced = op.payload->usd_unknown;
  if (op.payload->usage) {
    const auto price = Price(*op.payload->usage, r.price_version);
    r.unpriced |= !price.has_value();
    actual[Unit::kUsdNanos] = price.value_or(0);
  }
  if (r.unpriced) {
    actual[Unit::kUsdNanos] = DeniesUnpriced(op.payload->allocations)
                                  ? 0
                                  : FixedCharge(op.payload->allocations);
  }
  r.created_at = r.expires_at = now_;
  r.ended_at = now_;
  for (int limit : LimitsFor(op.payload->allocations)) {
    r.pins.emplace_back(limit, KeyAt(limits_[limit].spec.window, now_));
  }
  const Usages before = UsagesOf(r.pins);
  for (Unit unit : kUnits) Book(r, unit, actual[unit]);
  r.reported = actual;
  r.state = ReservationState::kSettled;
  r.usage_final = true;
  r.counted_unpriced = r.unpriced;
  reservations_[op.id] = r;
  r.crossed = CrossedSince(r.pins, before);
  reservations_[op.id] = r;
  Prediction p = Accept(r);
  p.crossed = r.crossed;
  return p;
}

Prediction Model::On(const AdjustReservation& op) {
  const auto found = reservations_.find(op.id);
  if (found == reservations_.end()) {
    return Prediction::Refuse(Reason::kReservationNotFound);
  }
  ModelReservation& r = found->second;
  if (r.state != ReservationState::kOpen) {
    return RefuseWith(Reason::kReservationEnded, r);
  }
  Amounts wanted = r.held;
  bool raises = false;
  for (Unit unit : kUnits) {
    wanted[unit] = op.held[unit].value_or(r.held[unit]);
    raises |= wanted[unit] > r.held[unit];
  }
  if (raises) {
    if (const auto blocked = Blocked(r.payload.allocations)) {
      return Prediction::Refuse(*blocked);
    }
  }
  Amounts raise;
  for (Unit unit : kUnits) {
    raise[unit] = std::max<int64_t>(0, wanted[unit] - r.held[unit]);
  }
  std::vector<Demand> demands;
  std::vector<ModelViolation> violations;
  for (const auto& [limit, window] : r.pins) {
    const Demand demand{limit, window, raise[limits_[limit].spec.unit]};
    demands.push_back(demand);
    if (auto v = Check(demand)) violations.push_back(*v);
  }
  if (!violations.empty()) return Deny(violations, demands, raise);
  const Usages before = UsagesOf(r.pins);
  r.held = wanted;
  if (op.ttl) r.expires_at = now_ + *op.ttl;
  Prediction p = Accept(r);
  p.crossed = CrossedSince(r.pins, before);
  return p;
}

int64_t Model::Headroom(const ModelReservation& r, Unit unit) const {
  int64_t room = kAmountMax;
  for (const auto& [limit, window] : r.pins) {
    const ModelLimit& l = limits_[limit];
    if (l.spec.unit != unit || l.removed || !l.spec.cap) continue;
    if (!IsLive(limit, window, now_)) continue;
    const Sums s = SumsOf(limit, window, now_);
    room = std::min(room,
                    std::max<int64_t>(0, *l.spec.cap - s.spent - s.reserved));
  }
  return room;
}

// Brings what is recorded of `unit` to `total`.
void Model::Book(ModelReservation& r, Unit unit, int64_t total) {
  const int64_t change = total - r.spent[unit] - r.overage[unit];
  if (change >= 0) {
    const int64_t from_hold = std::min(change, r.held[unit]);
    const int64_t fits = std::min(change - from_hold, Headroom(r, unit));
    r.held[unit] -= from_hold;
    r.spent[unit] += from_hold + fits;
    r.overage[unit] += change - from_hold - fits;
  } else {
    const int64_t from_overage = std::min(-change, r.overage[unit]);
    r.overage[unit] -= from_overage;
    r.spent[unit] -= -change - from_overage;
    KeepAboveZero(r, unit);
  }
}

// What a credit has taken off already cannot be refunded again.
void Model::KeepAboveZero(const ModelReservation& r, Unit unit) {
  for (const auto& [limit, window] : r.pins) {
    if (limits_[limit].spec.unit != unit) continue;
    const Sums s = SumsInBucket(limit, window);
    const Sums missing{.spent = std::max<int64_t>(0, -s.spent),
                       .overage = std::max<int64_t>(0, -s.overage)};
    if (missing == Sums{}) continue;
    limits_[limit].facts.push_back({window, missing});
  }
}

int64_t Model::UnknownCost(const ModelReservation& r) const {
  const int64_t reported = r.reported[Unit::kUsdNanos];
  if (DeniesUnpriced(r.payload.allocations)) {
    return reported + r.held[Unit::kUsdNanos];
  }
  return std::max(reported, FixedCharge(r.payload.allocations));
}

Amounts Model::ResolveActual(const Settle& op, const ModelReservation& r,
                             bool& unknown) const {
  Amounts actual = r.reported;
  for (Unit unit : kUnits) {
    if (op.actual[unit]) actual[unit] = *op.actual[unit];
  }
  if (op.final && !op.actual[Unit::kRequests] && !r.usage_final) {
    actual[Unit::kRequests] = std::max(r.reported[Unit::kRequests],
                                       r.granted[Unit::kRequests]);
  }
  unknown = op.usd_unknown;
  if (op.usage) {
    const auto price = Price(*op.usage, r.price_version);
    unknown |= !price.has_value();
    actual[Unit::kUsdNanos] = price.value_or(0);
  }
  const bool silent = !op.usage && !op.actual[Unit::kUsdNanos];
  unknown |= r.unpriced && silent;
  if (unknown) {
    actual[Unit::kUsdNanos] =
        r.usage_final ? r.reported[Unit::kUsdNanos] : UnknownCost(r);
  }
  return actual;
}

Prediction Model::On(const Settle& op) {
  const auto found = reservations_.find(op.id);
  if (found == reservations_.end()) {
    return Prediction::Refuse(Reason::kReservationNotFound);
  }
  ModelReservation& r = found->second;
  bool unknown = false;
  Amounts actual = ResolveActual(op, r, unknown);
  if (r.usage_final) {
    bool same = true;
    for (Unit unit : kUnits) {
      same &= op.final ? actual[unit] == r.reported[unit]
                       : actual[unit] <= r.reported[unit];
    }
    return same ? Accept(r) : RefuseWith(Reason::kReservationSettled, r);
  }
  if (!op.final) {
    for (Unit unit : kUnits) {
      actual[unit] = std::max(actual[unit], r.reported[unit]);
    }
    if (actual == r.reported && unknown == r.unpriced) return Accept(r);
  }
  const Usages before = UsagesOf(r.pins);
  for (Unit unit : kUnits) {
    // What expiry charged stands until the usage is final.
    const int64_t booked = r.spent[unit] + r.overage[unit];
    Book(r, unit, op.final ? actual[unit] : std::max(actual[unit], booked));
  }
  r.reported = actual;
  r.unpriced = unknown;
  if (r.state != ReservationState::kOpen) r.settled_late = true;
  if (op.final) {
    r.held = {};
    r.usage_final = true;
    r.final_by_release =
        r.state != ReservationState::kOpen && actual == Amounts{};
    r.counted_unpriced = r.unpriced;
    if (r.state == ReservationState::kOpen) {
      r.state = ReservationState::kSettled;
      r.ended_at = now_;
    }
  }
  Prediction p = Accept(r);
  p.crossed = CrossedSince(r.pins, before);
  return p;
}

Prediction Model::On(const Release& op) {
  const auto found = reservations_.find(op.id);
  if (found == reservations_.end()) {
    return Prediction::Refuse(Reason::kReservationNotFound);
  }
  ModelReservation& r = found->second;
  if (r.usage_final) {
    return r.final_by_release ? Accept(r)
                              : RefuseWith(Reason::kReservationSettled, r);
  }
  if (!IsZero(r.reported)) return RefuseWith(Reason::kUsageRecorded, r);
  if (r.state == ReservationState::kOpen) {
    r.state = ReservationState::kReleased;
    r.ended_at = now_;
    r.held = {};
  } else if (r.state == ReservationState::kExpired &&
             !IsZero(r.spent)) {  // what expiry charged
    for (Unit unit : kUnits) Book(r, unit, 0);
    r.usage_final = r.final_by_release = r.settled_late = true;
  }
  return Accept(r);
}

Prediction Model::On(const Sweep&) { return {}; }

}  // namespace budget::model
