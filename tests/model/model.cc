#include "tests/model/model.h"

#include <algorithm>
#include <variant>

#include "tests/model/paths.h"

namespace budget::model {
namespace {

// When a rolling bucket counts no longer: once all of it is a full duration
// old, at the first microsecond after that.
absl::Time DiesAt(const Window& window, WindowKey bucket) {
  const __int128 duration = absl::ToInt64Microseconds(window.duration);
  const __int128 x60 = (static_cast<__int128>(bucket) + 1 + 60) * duration;
  const __int128 whole = x60 / 60;
  return absl::FromUnixMicros(
      static_cast<int64_t>(whole + (whole * 60 < x60 ? 1 : 0)));
}

}  // namespace

Prediction Model::Run(const Operation& operation, absl::Time now) {
  Expire(now);
  return std::visit([this](const auto& op) { return On(op); }, operation);
}

void Model::Expire(absl::Time now) {
  now_ = now;
  for (auto& [id, r] : reservations_) {
    if (r.state != ReservationState::kOpen || r.expires_at > now) continue;
    r.state = ReservationState::kExpired;
    r.ended_at = now;
    if (r.on_expiry == OnExpiry::kSettleHeld) {
      for (Unit unit : kUnits) r.spent[unit] += r.held[unit];
    }
    r.held = {};
  }
}

bool Model::AnyDue(absl::Time now) const {
  return std::any_of(
      reservations_.begin(), reservations_.end(), [now](const auto& item) {
        return item.second.state == ReservationState::kOpen &&
               item.second.expires_at <= now;
      });
}

int64_t Model::Purge(absl::Time before) {
  const Uuid least = Uuid::Version7(before, {0, 0});
  int64_t purged = 0;
  for (auto at = reservations_.begin(); at != reservations_.end();) {
    const auto& [id, r] = *at;
    const bool old = r.ended_at && *r.ended_at < before && id.Version() == 7 &&
                     id < least;
    if (!old) {
      ++at;
      continue;
    }
    KeepUsageOf(r);
    at = reservations_.erase(at);
    ++purged;
  }
  return purged;
}

void Model::KeepUsageOf(const ModelReservation& r) {
  for (const auto& [limit, window] : r.pins) {
    const Unit unit = limits_[limit].spec.unit;
    std::vector<Fact>& facts = limits_[limit].facts;
    auto fact = std::find_if(
        facts.begin(), facts.end(),
        [&, key = window](const Fact& f) { return f.window == key; });
    if (fact == facts.end()) fact = facts.insert(fact, Fact{.window = window});
    fact->sums.spent += r.spent[unit];
    fact->sums.overage += r.overage[unit];
    fact->sums.unpriced += r.counted_unpriced ? 1 : 0;
  }
  purged_.push_back(r);
}

bool Model::IsLive(int limit, WindowKey window, absl::Time now) const {
  const Window& w = limits_[limit].spec.window;
  return w.kind != WindowKind::kRolling || now < DiesAt(w, window);
}

Sums Model::SumsOf(int limit, WindowKey window, absl::Time now) const {
  const ModelLimit& l = limits_[limit];
  const Unit unit = l.spec.unit;
  Sums sums;
  const auto counts = [&](WindowKey key) {
    return l.IsRolling() ? IsLive(limit, key, now) : key == window;
  };
  for (const Fact& fact : l.facts) {
    if (!counts(fact.window)) continue;
    sums.spent += fact.sums.spent;
    sums.overage += fact.sums.overage;
    sums.unpriced += fact.sums.unpriced;
  }
  for (const auto& [id, r] : reservations_) {
    for (const auto& [pinned, key] : r.pins) {
      if (pinned != limit) continue;
      if (l.IsRolling() || key == window) sums.reserved += r.held[unit];
      if (!counts(key)) continue;
      sums.spent += r.spent[unit];
      sums.overage += r.overage[unit];
      sums.unpriced += r.counted_unpriced ? 1 : 0;
    }
  }
  return sums;
}

Sums Model::SumsInBucket(int limit, WindowKey window) const {
  const ModelLimit& l = limits_[limit];
  Sums sums;
  for (const Fact& fact : l.facts) {
    if (fact.window != window) continue;
    sums.spent += fact.sums.spent;
    sums.overage += fact.sums.overage;
  }
  for (const auto& [id, r] : reservations_) {
    if (std::count(r.pins.begin(), r.pins.end(), ModelPin(limit, window)) > 0) {
      sums.spent += r.spent[l.spec.unit];
      sums.overage += r.overage[l.spec.unit];
    }
  }
  return sums;
}

std::optional<int64_t> Model::RemainingOf(int limit, absl::Time now) const {
  if (!limits_[limit].spec.cap || limits_[limit].removed) return std::nullopt;
  const Sums s = SumsOf(limit, KeyAt(limits_[limit].spec.window, now), now);
  const int64_t used =
      s.spent + s.reserved + (BlocksOverage(limit) ? s.overage : 0);
  return std::max<int64_t>(0, limits_[limit].Cap() - used);
}

std::vector<int> Model::ChainLimits(absl::string_view path) const {
  std::vector<int> found;
  for (absl::string_view prefix : LineDownTo(path)) {
    std::map<std::string, int> by_name;
    for (size_t i = 0; i < limits_.size(); ++i) {
      if (!limits_[i].removed && limits_[i].path == prefix) {
        by_name[limits_[i].spec.name] = static_cast<int>(i);
      }
    }
    for (const auto& [name, i] : by_name) found.push_back(i);
  }
  return found;
}

std::vector<int> Model::LimitsFor(const std::vector<std::string>& paths) const {
  std::set<int> all;
  for (const std::string& path : paths) {
    for (int limit : ChainLimits(path)) all.insert(limit);
  }
  return {all.begin(), all.end()};
}

template <typename T>
T Model::Effective(absl::string_view path, T Policies::*field,
                   T fallback) const {
  for (; !path.empty(); path = Above(path)) {
    const T value = allocations_.at(std::string(path)).policies.*field;
    if (value != T{}) return value;
  }
  return fallback;
}
template OnExpiry Model::Effective(absl::string_view, OnExpiry Policies::*,
                                   OnExpiry) const;
template HeldDenialPolicy Model::Effective(absl::string_view,
                                           HeldDenialPolicy Policies::*,
                                           HeldDenialPolicy) const;

std::pair<UnpricedPolicy, int64_t> Model::UnpricedAt(
    absl::string_view path) const {
  for (; !path.empty(); path = Above(path)) {
    const Policies& policies = allocations_.at(std::string(path)).policies;
    if (policies.unpriced != UnpricedPolicy::kInherit) {
      return {policies.unpriced, policies.unpriced_charge_usd_nanos};
    }
  }
  return {UnpricedPolicy::kDeny, 0};
}

bool Model::BlocksOverage(int limit) const {
  return Effective(limits_[limit].path, &Policies::overage,
                   OveragePolicy::kBlock) == OveragePolicy::kBlock;
}

bool Model::HasUsdCap(absl::string_view path) const {
  const std::vector<int> chain = ChainLimits(path);
  return std::any_of(chain.begin(), chain.end(), [this](int limit) {
    return limits_[limit].spec.unit == Unit::kUsdNanos &&
           limits_[limit].spec.cap.has_value();
  });
}

bool Model::DeniesUnpriced(const std::vector<std::string>& paths) const {
  return std::any_of(paths.begin(), paths.end(), [this](const auto& path) {
    return UnpricedAt(path).first == UnpricedPolicy::kDeny && HasUsdCap(path);
  });
}

int64_t Model::FixedCharge(const std::vector<std::string>& paths) const {
  int64_t charge = 0;
  for (const std::string& path : paths) {
    const auto [policy, fixed] = UnpricedAt(path);
    if (policy == UnpricedPolicy::kFixed) charge = std::max(charge, fixed);
  }
  return charge;
}

std::optional<int64_t> Model::Price(const ModelUsage& usage,
                                    int64_t version) const {
  if (version == 0) return std::nullopt;
  const auto& table = prices_[version - 1];
  const auto model = table.find(usage.model);
  if (model == table.end()) return std::nullopt;
  __int128 millionths = 0;
  for (const auto& [meter, quantity] : usage.quantities) {
    const auto price = model->second.usd_nanos_per_million.find(meter);
    if (price == model->second.usd_nanos_per_million.end()) return std::nullopt;
    millionths += static_cast<__int128>(quantity) * price->second;
  }
  const __int128 whole = millionths / 1'000'000;
  return static_cast<int64_t>(whole +
                              (whole * 1'000'000 < millionths ? 1 : 0));
}

int64_t Model::Affordable(int limit, WindowKey window) const {
  const Sums s = SumsOf(limit, window, now_);
  const int64_t used =
      s.spent + s.reserved + (BlocksOverage(limit) ? s.overage : 0);
  return std::max<int64_t>(0, limits_[limit].Cap() - used);
}

// When a rolling limit will have room if every hold settles in full in the
// bucket that admitted it and nothing else happens.
std::optional<absl::Duration> Model::RollingWait(const Demand& demand) const {
  const ModelLimit& l = limits_[demand.limit];
  const Unit unit = l.spec.unit;
  const bool block = BlocksOverage(demand.limit);
  std::map<WindowKey, int64_t> buckets;
  for (const Fact& fact : l.facts) {
    buckets[fact.window] +=
        fact.sums.spent + (block ? fact.sums.overage : 0);
  }
  for (const auto& [id, r] : reservations_) {
    for (const auto& [pinned, key] : r.pins) {
      if (pinned != demand.limit) continue;
      buckets[key] += r.spent[unit] + r.held[unit] +
                      (block ? r.overage[unit] : 0);
    }
  }
  const auto fits_at = [&](absl::Time at) {
    int64_t live = 0;
    for (const auto& [key, used] : buckets) {
      if (IsLive(demand.limit, key, at)) live += used;
    }
    return live + demand.amount <= l.Cap();
  };
  // Only holds that no longer count once settled are in the way.
  if (fits_at(now_)) return absl::Seconds(1);
  for (const auto& [candidate, unused] : buckets) {
    const absl::Time at = DiesAt(l.spec.window, candidate);
    if (at > now_ && fits_at(at)) return at - now_;
  }
  return std::nullopt;
}

std::optional<ModelViolation> Model::Check(const Demand& demand) const {
  const ModelLimit& l = limits_[demand.limit];
  const Sums s = SumsOf(demand.limit, demand.window, now_);
  const bool block = BlocksOverage(demand.limit);
  const int64_t cap = l.Cap();
  if (demand.amount == 0) return std::nullopt;
  if (s.spent + s.reserved + (block ? s.overage : 0) + demand.amount <= cap) {
    return std::nullopt;
  }
  ModelViolation v;
  v.limit = demand.limit;
  v.affordable = Affordable(demand.limit, demand.window);
  if (demand.amount > cap) return v;
  const bool only_holds = s.spent + demand.amount <= cap;
  switch (l.spec.window.kind) {
    case WindowKind::kLifetime:
      if (block && s.overage > 0) {
        v.reason = Reason::kOverageOutstanding;
      } else if (only_holds &&
                 Effective(l.path, &Policies::held_denial,
                           HeldDenialPolicy::kFinal) ==
                     HeldDenialPolicy::kRetry) {
        v.reason = Reason::kBudgetHeld;
        v.retry_after = absl::Seconds(1);
      }
      return v;
    case WindowKind::kCalendar: {
      if (block && s.overage > 0) {
        v.reason = Reason::kOverageOutstanding;
        return v;
      }
      const absl::Duration left =
          CalendarEnd(l.spec.window, demand.window) - now_;
      if (!only_holds && left <= absl::ZeroDuration()) return v;
      v.reason = only_holds ? Reason::kBudgetHeld : Reason::kWindowExhausted;
      v.retry_after = !only_holds ? left
                      : left > absl::ZeroDuration()
                          ? std::min(left, absl::Seconds(1))
                          : absl::Seconds(1);
      return v;
    }
    case WindowKind::kRolling:
      v.reason = Reason::kWindowExhausted;
      v.retry_after = RollingWait(demand);
      return v;
  }
  return v;
}

Prediction Model::Deny(std::vector<ModelViolation> violations,
                       const std::vector<Demand>& all,
                       const Amounts& asked) const {
  Prediction p = Prediction::Refuse(violations.front().reason);
  bool can_wait = true;
  absl::Duration wait;
  for (const ModelViolation& v : violations) {
    p.refusal = std::min(*p.refusal, v.reason);
    can_wait &= v.retry_after.has_value();
    wait = std::max(wait, v.retry_after.value_or(absl::ZeroDuration()));
  }
  if (can_wait) p.retry_after = wait;
  p.violations = std::move(violations);
  p.affordable = asked;
  for (const Demand& demand : all) {
    int64_t& least = (*p.affordable)[limits_[demand.limit].spec.unit];
    least = std::min(least, Affordable(demand.limit, demand.window));
  }
  return p;
}

Model::Usages Model::UsagesOf(const std::vector<ModelPin>& pins) const {
  Usages usages;
  for (const auto& [limit, window] : pins) {
    const Sums s = SumsOf(limit, window, now_);
    usages[limit] = s.spent + s.reserved + s.overage;
  }
  return usages;
}

std::vector<std::pair<int, int>> Model::CrossedSince(
    const std::vector<ModelPin>& pins, const Usages& before) const {
  std::vector<std::pair<int, int>> crossed;
  for (const auto& [limit, after] : UsagesOf(pins)) {
    const ModelLimit& l = limits_[limit];
    if (l.removed || l.spec.cap.value_or(0) == 0) continue;
    for (int percent : l.spec.warn_percent) {
      const __int128 mark = static_cast<__int128>(*l.spec.cap) * percent;
      const __int128 old = before.at(limit);
      if (static_cast<__int128>(after) * 100 >= mark && old * 100 < mark) {
        crossed.emplace_back(limit, percent);
      }
    }
  }
  std::sort(crossed.begin(), crossed.end());
  return crossed;
}

}  // namespace budget::model
