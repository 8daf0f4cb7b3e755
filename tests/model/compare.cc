#include "tests/model/compare.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace budget::model {
namespace {

std::string Text(int64_t value) { return absl::StrCat(value); }
std::string Text(bool value) { return value ? "true" : "false"; }
std::string Text(int value) { return absl::StrCat(value); }
std::string Text(size_t value) { return absl::StrCat(value); }
std::string Text(const std::string& value) { return value; }
std::string Text(absl::Time time) { return absl::FormatTime(time); }
std::string Text(absl::Duration d) { return absl::FormatDuration(d); }
std::string Text(ReservationState state) {
  return absl::StrCat("state ", static_cast<int>(state));
}
std::string Text(OnExpiry value) {
  return absl::StrCat("on_expiry ", static_cast<int>(value));
}
std::string Text(Reason reason) { return std::string(ReasonName(reason)); }
std::string Text(const Amounts& a) {
  return absl::StrCat("usd=", a.by_unit[0], " tokens=", a.by_unit[1],
                      " requests=", a.by_unit[2]);
}
std::string Text(const Sums& s) {
  return absl::StrCat("spent=", s.spent, " reserved=", s.reserved,
                      " overage=", s.overage, " unpriced=", s.unpriced);
}
template <typename A, typename B>
std::string Text(const std::pair<A, B>& pair) {
  return absl::StrCat(pair.first, "@", pair.second);
}
template <typename T>
std::string Text(const std::vector<T>& values) {
  std::string text = "[";
  for (const T& value : values) absl::StrAppend(&text, Text(value), " ");
  return text + "]";
}
template <typename T>
std::string Text(const std::optional<T>& value) {
  return value ? Text(*value) : "none";
}

Sums SumsIn(const Tally& tally) {
  return {.spent = tally.spent,
          .reserved = tally.reserved,
          .overage = tally.overage,
          .unpriced = tally.unpriced};
}

}  // namespace

template <typename A, typename B>
void Comparer::Same(absl::string_view what, const A& model, const B& engine) {
  if (model == engine) return;
  absl::StrAppend(&differences_, "  ", what, ": model ", Text(model),
                  ", engine ", Text(engine), "\n");
}

void Comparer::MatchLimits(const Model& model, const Catalog& catalog) {
  std::vector<const Limit*> added;
  for (const auto& [id, limit] : catalog.limits()) {
    if (!limits_.contains(id)) added.push_back(limit.get());
  }
  std::sort(added.begin(), added.end(),
            [](const Limit* a, const Limit* b) { return a->id < b->id; });
  for (const Limit* limit : added) {
    const Allocation* owner = catalog.FindAllocation(limit->allocation);
    for (size_t i = 0; i < model.limits().size(); ++i) {
      const ModelLimit& candidate = model.limits()[i];
      if (candidate.path != owner->path ||
          candidate.spec.name != limit->spec.name ||
          !matched_.insert(static_cast<int>(i)).second) {
        continue;
      }
      limits_[limit->id] = static_cast<int>(i);
      break;
    }
  }
}

int Comparer::IndexOf(LimitId limit) {
  const auto found = limits_.find(limit);
  if (found != limits_.end()) return found->second;
  absl::StrAppend(&differences_, "  limit ", limit,
                  " is unknown to the model\n");
  return -1;
}

void Comparer::CompareRefusal(const Prediction& expected,
                              const Refusal& refusal, const Model& model) {
  if (!expected.field.empty()) Same("field", expected.field, refusal.field);
  Same("retry_after", expected.retry_after, refusal.retry_after);
  if (expected.affordable) {
    Same("affordable", expected.affordable, refusal.affordable);
  }
  Same("violations", expected.violations.size(), refusal.violations.size());
  if (expected.violations.size() != refusal.violations.size()) return;
  for (const Violation& actual : refusal.violations) {
    const int limit = IndexOf(actual.limit);
    const auto found = std::find_if(
        expected.violations.begin(), expected.violations.end(),
        [limit](const ModelViolation& v) { return v.limit == limit; });
    if (found == expected.violations.end()) {
      absl::StrAppend(&differences_, "  unexpected violation of ", limit, "\n");
      continue;
    }
    const std::string name =
        absl::StrCat(model.limits()[limit].path, ".",
                     model.limits()[limit].spec.name, " violation");
    Same(name, found->reason, actual.reason);
    Same(name, found->affordable, actual.affordable);
    Same(name, found->retry_after, actual.retry_after);
    Same(name, model.limits()[limit].Cap(), actual.cap);
  }
}

void Comparer::CompareReservation(const ModelReservation& expected,
                                  const Reservation& actual) {
  Same("state", expected.state, actual.state);
  Same("requested", expected.requested, actual.terms->requested);
  Same("granted", expected.granted, actual.terms->granted);
  Same("held", expected.held, actual.held);
  Same("spent", expected.spent, actual.spent);
  Same("overage", expected.overage, actual.overage);
  Same("reported", expected.reported, actual.reported);
  Same("usage_final", expected.usage_final, actual.usage_final);
  Same("settled_late", expected.settled_late, actual.settled_late);
  Same("unpriced", expected.unpriced, actual.unpriced);
  Same("price_version", expected.price_version, actual.terms->price_version);
  Same("created_at", expected.created_at, actual.terms->created_at);
  Same("ended", expected.state != ReservationState::kOpen,
       actual.ended_at.has_value());
  if (expected.payload.origin == ReservationOrigin::kReserve) {
    Same("on_expiry", expected.on_expiry, actual.terms->on_expiry);
    Same("expires_at", expected.expires_at, actual.expires_at);
  }
  std::vector<ModelPin> pins = expected.pins;
  std::sort(pins.begin(), pins.end());
  std::vector<ModelPin> actual_pins;
  for (const Pin& pin : actual.pins) {
    actual_pins.emplace_back(IndexOf(pin.limit), pin.window);
  }
  std::sort(actual_pins.begin(), actual_pins.end());
  Same("pins", pins, actual_pins);
}

void Comparer::CompareReading(const LimitReading& reading, const Model& model,
                              absl::Time now) {
  const int index = IndexOf(reading.limit);
  if (index < 0) return;
  const ModelLimit& limit = model.limits()[index];
  const std::string name = absl::StrCat(limit.path, ".", limit.spec.name);
  Same(name, model.SumsOf(index, reading.window, now), SumsIn(reading.tally));
  const auto cap = limit.removed ? std::nullopt : limit.spec.cap;
  Same(name + " cap", cap, reading.cap);
  Same(name + " uncapped", !cap.has_value(), !reading.remaining.has_value());
  const WindowKey current = KeyAt(limit.spec.window, now);
  if (!limit.IsRolling() && reading.window == current && !limit.removed) {
    Same(name + " remaining", model.RemainingOf(index, now), reading.remaining);
  }
  std::optional<absl::Time> reset;
  if (limit.spec.window.kind == WindowKind::kCalendar) {
    reset = CalendarEnd(limit.spec.window, reading.window);
  }
  if (!limit.IsRolling()) Same(name + " reset", reset, reading.reset_time);
}

void Comparer::CompareCrossed(const Prediction& expected,
                              const std::vector<Crossing>& crossed) {
  std::vector<std::pair<int, int>> actual;
  for (const Crossing& crossing : crossed) {
    actual.emplace_back(IndexOf(crossing.limit), crossing.warn_percent);
  }
  std::sort(actual.begin(), actual.end());
  Same("crossed", expected.crossed, actual);
}

std::string Comparer::Compare(const Operation& operation,
                              const Prediction& expected,
                              const Outcome& outcome, const Model& model,
                              const WorkingSet& set, absl::Time now) {
  differences_.clear();
  MatchLimits(model, set.catalog);
  std::optional<Reason> refusal;
  if (outcome.refusal) refusal = outcome.refusal->reason;
  Same("refusal", expected.refusal, refusal);
  if (expected.refusal != refusal) {
    if (outcome.refusal) {
      absl::StrAppend(&differences_, "  message: ", outcome.refusal->message,
                      " field: ", outcome.refusal->field, "\n");
    }
    return std::move(differences_);
  }
  if (outcome.refusal) {
    CompareRefusal(expected, *outcome.refusal, model);
  }
  if (expected.reservation) {
    Same("has reservation", true, outcome.reservation.has_value());
    if (outcome.reservation) {
      CompareReservation(*expected.reservation, *outcome.reservation);
    }
  }
  const Reserve* reserve = std::get_if<Reserve>(&operation);
  const bool only_tries = reserve != nullptr && reserve->validate_only;
  if (!outcome.ok()) return std::move(differences_);
  if (reserve != nullptr || std::holds_alternative<RecordUsage>(operation)) {
    Same("replayed", expected.replayed, outcome.replayed);
  }
  if (AdminContextOf(operation) == nullptr && !only_tries) {
    CompareCrossed(expected, outcome.crossed);
  }
  for (const LimitReading& reading : outcome.limits) {
    if (!only_tries) CompareReading(reading, model, now);
  }
  if (expected.reservation) {
    Same("readings", expected.reservation->pins.size(), outcome.limits.size());
  }
  return std::move(differences_);
}

std::string Comparer::CompareChain(absl::string_view path,
                                   const std::vector<LimitReading>& readings,
                                   const Model& model, const WorkingSet& set,
                                   absl::Time now) {
  differences_.clear();
  MatchLimits(model, set.catalog);
  std::vector<int> order;
  for (const LimitReading& reading : readings) {
    order.push_back(IndexOf(reading.limit));
    CompareReading(reading, model, now);
    const int index = order.back();
    if (index < 0) continue;
    Same("window", KeyAt(model.limits()[index].spec.window, now),
         reading.window);
    Same("remaining", model.RemainingOf(index, now), reading.remaining);
  }
  if (model.allocations().contains(std::string(path))) {
    Same("chain", model.ChainLimits(path), order);
  }
  return std::move(differences_);
}

std::string Comparer::CompareAll(const Model& model, const WorkingSet& set) {
  differences_.clear();
  MatchLimits(model, set.catalog);
  Same("reservations", model.reservations().size(), set.reservations.size());
  for (const auto& [id, expected] : model.reservations()) {
    const auto found = set.reservations.find(id);
    if (found == set.reservations.end()) {
      absl::StrAppend(&differences_, "  missing ", id.ToString(), "\n");
      continue;
    }
    CompareReservation(expected, found->second.reservation);
  }
  Same("allocations", model.allocations().size(),
       set.catalog.allocations().size());
  for (const auto& [path, expected] : model.allocations()) {
    const Allocation* actual = set.catalog.FindAllocation(path);
    Same(path, true, actual != nullptr);
    if (actual == nullptr) continue;
    Same(path + " version", expected.version, actual->version);
    Same(path + " frozen", expected.frozen, actual->frozen);
    Same(path + " archived", expected.archived, actual->archived);
    Same(path + " name", expected.display_name, actual->display_name);
    Same(path + " policies", true, expected.policies == actual->policies);
    Same(path + " labels", true, expected.labels == actual->labels);
  }
  Same("price version", model.price_version(), set.root.price_version);
  return std::move(differences_);
}

}  // namespace budget::model
