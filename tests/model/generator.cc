#include "tests/model/generator.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"

namespace budget::model {
namespace {

// One begins like its sibling, and is not below it.
std::vector<std::string> PathsOf(absl::string_view root) {
  std::vector<std::string> paths;
  for (const char* below : {"", "/a", "/ab", "/a/x", "/a/y"}) {
    paths.push_back(absl::StrCat(root, below));
  }
  return paths;
}

const std::vector<std::pair<std::string, absl::TimeZone>>& Zones() {
  static const auto& zones = *[] {
    auto* loaded = new std::vector<std::pair<std::string, absl::TimeZone>>;
    for (const char* name :
         {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
          "America/Havana", "Asia/Kathmandu"}) {
      absl::TimeZone zone;
      absl::LoadTimeZone(name, &zone);
      loaded->emplace_back(name, zone);
    }
    return loaded;
  }();
  return zones;
}

// Shortly before clocks change somewhere, years end or leap days begin.
const std::vector<absl::Time>& Beginnings() {
  static const auto& times = *[] {
    auto* parsed = new std::vector<absl::Time>;
    for (const char* text :
         {"2026-03-29T00:30:00Z", "2026-10-25T00:10:00Z",
          "2026-11-01T04:50:00Z", "2026-04-04T14:20:00Z",
          "2026-12-31T23:59:30Z", "2028-02-28T23:30:00Z",
          "2026-06-15T12:00:00Z"}) {
      absl::Time time;
      std::string error;
      absl::ParseTime(absl::RFC3339_full, text, &time, &error);
      parsed->push_back(time);
    }
    return parsed;
  }();
  return times;
}

}  // namespace

Generator::Generator(uint64_t seed, absl::string_view root)
    : Generator(std::mt19937_64(seed * 0x9e3779b97f4a7c15 + 1), root) {}

Generator::Generator(Numbers numbers, absl::string_view root)
    : root_(root), paths_(PathsOf(root)), numbers_(std::move(numbers)) {
  now_ = Pick(Beginnings()) + absl::Microseconds(Below(1'000'000));
}

absl::Time Generator::Advance() {
  const int64_t kind = Below(100);
  if (kind < 25) {
    // Several operations within one moment.
  } else if (kind < 70) {
    now_ += absl::Microseconds(Below(3'000'000));
  } else if (kind < 90) {
    now_ += absl::Seconds(Below(90));
  } else if (kind < 97) {
    now_ += absl::Minutes(Below(90));
  } else if (kind < 99) {
    now_ += absl::Hours(Below(30));
  } else {
    now_ += absl::Hours(24 * Below(40));
  }
  return now_;
}

std::string Generator::AnyPath() {
  return Chance(2) ? root_ + "/nobody" : Pick(paths_);
}

Uuid Generator::NewId() {
  absl::Time made = now_;
  const int64_t kind = Below(200);
  if (kind == 0) made -= absl::Hours(24 * 90) + absl::Milliseconds(2);
  if (kind == 1) made -= absl::Hours(24 * 90) - absl::Seconds(1);
  if (kind == 2) made += absl::Hours(24) + absl::Seconds(1);
  if (kind == 3) made += absl::Hours(23);
  Uuid id = Uuid::Version7(made, {numbers_(), numbers_()});
  if (kind < 30 && kind > 3) id.bytes[6] = (id.bytes[6] & 0x0f) | 0x40;
  return id;
}

int64_t Generator::Amount() {
  if (Chance(10)) return 0;
  return Chance(90) ? Below(25) : Below(150);
}

PartialAmounts Generator::SomeAmounts(int percent_each) {
  PartialAmounts amounts;
  for (Unit unit : kUnits) {
    if (!Chance(percent_each)) continue;
    amounts[unit] = unit == Unit::kRequests ? Below(3) : Amount();
  }
  return amounts;
}

AdminContext Generator::Context() {
  return {.request_id = Uuid::Version7(now_, {numbers_(), numbers_()}),
          .actor = "tester"};
}

Window Generator::AnyWindow() {
  static const auto& durations = *new std::vector<absl::Duration>{
      absl::Seconds(1),  absl::Seconds(7),  absl::Seconds(60),
      absl::Minutes(10), absl::Hours(1), absl::Hours(24)};
  const int64_t kind = Below(3);
  if (kind == 0) return Window::Lifetime();
  if (kind == 1) return Window::Rolling(Pick(durations));
  const auto& [name, zone] = Pick(Zones());
  return Window::Calendar(static_cast<CalendarPeriod>(1 + Below(6)), name,
                          zone);
}

LimitSpec Generator::AnyLimit(const std::string& name) {
  LimitSpec spec{.name = name,
                 .unit = static_cast<Unit>(Chance(70) ? Below(2) : 2),
                 .window = AnyWindow()};
  if (Chance(85)) {
    spec.cap = spec.unit == Unit::kRequests ? Below(12) : Below(120);
  }
  if (Chance(40)) spec.warn_percent = {50, 90, 120};
  return spec;
}

Policies Generator::AnyPolicies() {
  Policies policies;
  policies.on_expiry = static_cast<OnExpiry>(Below(3));
  policies.overage = static_cast<OveragePolicy>(Below(3));
  policies.unpriced = static_cast<UnpricedPolicy>(Below(4));
  if (policies.unpriced == UnpricedPolicy::kFixed) {
    policies.unpriced_charge_usd_nanos = Below(10);
  }
  policies.held_denial = static_cast<HeldDenialPolicy>(Below(3));
  return policies;
}

ModelUsage Generator::AnyUsage() {
  ModelUsage usage{.model = Chance(80) ? "small" : "unheard-of"};
  usage.quantities["in"] = Below(3000);
  if (Chance(50)) usage.quantities["out"] = Below(2000);
  if (Chance(10)) usage.quantities["thoughts"] = Below(100);
  return usage;
}

ReservePayload Generator::AnyPayload() {
  ReservePayload payload;
  payload.allocations = {AnyPath()};
  while (Chance(30) && payload.allocations.size() < 3) {
    const std::string more = AnyPath();
    if (std::count(payload.allocations.begin(), payload.allocations.end(),
                   more) == 0) {
      payload.allocations.push_back(more);
    }
  }
  payload.amounts = SomeAmounts(70);
  const int64_t pricing = Below(100);
  if (pricing < 20) {
    payload.amounts[Unit::kUsdNanos].reset();
    if (pricing < 7) {
      payload.usd_unknown = true;
    } else {
      payload.usage = AnyUsage();
    }
  }
  return payload;
}

Uuid Generator::KnownId(const Model& model) {
  if (model.reservations().empty() || Chance(2)) return NewId();
  // Mostly the latest ones, which are still open.
  const int64_t size = model.reservations().size();
  const int64_t back = std::min(Chance(70) ? Below(4) : Below(size), size - 1);
  return std::next(model.reservations().rbegin(), back)->first;
}

int64_t Generator::Version(const Model& model, const std::string& path) {
  const auto found = model.allocations().find(path);
  if (found == model.allocations().end()) return 1;
  return found->second.version - (Chance(4) ? 1 : 0);
}

std::string Generator::LimitName(const Model& model, const std::string& path,
                                 bool prefer_known) {
  std::vector<std::string> known;
  for (const ModelLimit& limit : model.limits()) {
    if (limit.path == path && !limit.removed) known.push_back(limit.spec.name);
  }
  if (prefer_known && !known.empty() && Chance(90)) return Pick(known);
  return std::string(1, static_cast<char>('p' + Below(4)));
}

Operation Generator::AnySettle(const Model& model) {
  Settle op{.root = root_, .id = KnownId(model), .actual = SomeAmounts(70)};
  op.final = Chance(55);
  const int64_t pricing = Below(100);
  if (pricing < 20) {
    op.actual[Unit::kUsdNanos].reset();
    if (pricing < 7) {
      op.usd_unknown = true;
    } else {
      op.usage = AnyUsage();
    }
  }
  return op;
}

Operation Generator::AnyAdjust(const Model& model) {
  AdjustReservation op{
      .root = root_, .id = KnownId(model), .held = SomeAmounts(50)};
  if (Chance(40)) op.ttl = absl::Seconds(1 + Below(600));
  return op;
}

Operation Generator::AnyCreate(const Model& model) {
  CreateAllocation op{.context = Context(), .path = AnyPath()};
  for (const std::string& path : paths_) {
    if (model.allocations().contains(path) || Chance(10)) continue;
    op.path = path;
    break;
  }
  if (Chance(3)) op.path = root_ + "/unknown/deeper";
  if (Chance(50)) op.policies = AnyPolicies();
  op.display_name = Chance(50) ? "Somebody" : "";
  for (const char* name : {"p", "q", "r"}) {
    if (Chance(45)) op.limits.push_back(AnyLimit(name));
  }
  return op;
}

Operation Generator::AnySetLimit(const Model& model) {
  SetLimit op{.context = Context(), .path = AnyPath()};
  const std::string name =
      LimitName(model, op.path, model.credited_chain() || Chance(60));
  op.limit = AnyLimit(name);
  bool known = false;
  for (const ModelLimit& limit : model.limits()) {
    if (limit.path != op.path || limit.removed || limit.spec.name != name) {
      continue;
    }
    known = true;
    if (Chance(95)) {
      op.limit.unit = limit.spec.unit;
      op.limit.window = limit.spec.window;
    }
  }
  if (known ? Chance(95) : Chance(50)) op.version = Version(model, op.path);
  return op;
}

Operation Generator::AnyTransfer(const Model& model) {
  TransferCap op{.context = Context(), .reason = "moved"};
  op.from.path = root_ + (Chance(50) ? "/a" : "/a/x");
  op.to.path = root_ + (op.from.path == root_ + "/a" ? "/ab" : "/a/y");
  if (Chance(50)) std::swap(op.from.path, op.to.path);
  op.from.limit = LimitName(model, op.from.path, true);
  op.to.limit = LimitName(model, op.to.path, true);
  for (const ModelLimit& from : model.limits()) {
    for (const ModelLimit& to : model.limits()) {
      if (from.removed || to.removed || from.path != op.from.path ||
          to.path != op.to.path || from.spec.unit != to.spec.unit ||
          !(from.spec.window == to.spec.window)) {
        continue;
      }
      op.from.limit = from.spec.name;
      op.to.limit = to.spec.name;
      op.unit = from.spec.unit;
    }
  }
  op.from.version = Version(model, op.from.path);
  op.to.version = Version(model, op.to.path);
  op.amount = 1 + Below(20);
  return op;
}

Operation Generator::AnyBalance(const Model& model) {
  AdjustBalance op{.context = Context(), .path = AnyPath(), .reason = "why"};
  op.unit = static_cast<Unit>(Below(3));
  if (Chance(75)) {
    op.limit = LimitName(model, op.path, true);
    for (const ModelLimit& limit : model.limits()) {
      if (limit.path == op.path && limit.spec.name == op.limit &&
          !limit.removed && Chance(95)) {
        op.unit = limit.spec.unit;
      }
    }
  }
  op.amount = 1 + Below(20);
  if (Chance(50)) op.amount = -op.amount;
  return op;
}

Operation Generator::AnyPrices(const Model& model) {
  SetPrices op{.context = Context(), .root = root_};
  op.prices.push_back({.model = "small",
                       .usd_nanos_per_million = {{"in", Below(9000)},
                                                 {"out", Below(20000)}}});
  op.replaces_version = model.price_version() + (Chance(5) ? 1 : 0);
  return op;
}

Operation Generator::Admin(const Model& model) {
  const std::string path = AnyPath();
  switch (Below(14)) {
    case 0:
    case 1: {
      UpdateAllocation op{.context = Context(), .path = path};
      if (Chance(80)) op.policies = AnyPolicies();
      if (Chance(30)) op.display_name = "Renamed";
      op.version = Version(model, path);
      return op;
    }
    case 2: {
      if (!Chance(30)) return AnyCreate(model);
      return ArchiveAllocation{.context = Context(),
                               .path = path,
                               .version = Version(model, path)};
    }
    case 3:
    case 4:
    case 5:
      return AnySetLimit(model);
    case 6: {
      RemoveLimit op{.context = Context(), .path = path};
      op.limit = LimitName(model, path, true);
      op.version = Version(model, path);
      return op;
    }
    case 7:
      return Freeze{.context = Context(), .path = path, .reason = "stop"};
    case 8:
      return Unfreeze{.context = Context(), .path = path};
    case 9:
    case 10:
      return AnyBalance(model);
    case 11:
      return AnyTransfer(model);
    case 12:
      return AnyPrices(model);
    default:
      break;
  }
  // A frozen tree makes a dull test: thaw.
  for (const auto& [frozen_path, allocation] : model.allocations()) {
    if (allocation.frozen) {
      return Unfreeze{.context = Context(), .path = frozen_path};
    }
  }
  return AnySetLimit(model);
}

Reserve Generator::AnyReserve() {
  Reserve op{.id = NewId()};
  ReservePayload payload = AnyPayload();
  payload.ttl = Chance(50) ? absl::Seconds(1 + Below(60)) : kTtlDefault;
  payload.on_expiry = static_cast<OnExpiry>(Below(3));
  if (Chance(20)) {
    payload.minimum = SomeAmounts(50);
    for (Unit unit : kUnits) {
      auto& least = (*payload.minimum)[unit];
      const int64_t asked = payload.amounts[unit].value_or(
          unit == Unit::kRequests ? 1 : 0);
      if (least) least = std::min(*least, asked);
    }
    if (payload.usd_unknown || payload.usage) {
      (*payload.minimum)[Unit::kUsdNanos].reset();
    }
  }
  op.payload = std::move(payload);
  op.validate_only = Chance(5);
  return op;
}

RecordUsage Generator::AnyUsageRecord() {
  RecordUsage op{.id = NewId()};
  ReservePayload payload = AnyPayload();
  payload.origin = ReservationOrigin::kRecordUsage;
  op.payload = std::move(payload);
  return op;
}

Operation Generator::Fresh(const Model& model) {
  // The tree first, or most calls would be about nobody.
  if (model.allocations().size() < paths_.size() && Chance(80)) {
    return AnyCreate(model);
  }
  const int64_t kind = Below(100);
  if (kind < 38) return AnyReserve();
  if (kind < 62) return AnySettle(model);
  if (kind < 69) return Release{.root = root_, .id = KnownId(model)};
  if (kind < 77) return AnyAdjust(model);
  if (kind < 82) return AnyUsageRecord();
  if (kind < 84) return Sweep{.root = root_};
  return Admin(model);
}

// The same id with something else in it.
Operation Generator::Mutated(Operation operation) {
  if (auto* reserve = std::get_if<Reserve>(&operation)) {
    switch (Below(4)) {
      case 0:
        reserve->payload.Edit().ttl += absl::Seconds(1);
        break;
      case 1:
        reserve->payload.Edit().amounts[Unit::kTokens] = 149;
        break;
      case 2:
        reserve->payload.Edit().tags["agent"] = "other";
        break;
      default:
        reserve->payload.Edit().allocations = {"acme"};
        break;
    }
  } else if (auto* record = std::get_if<RecordUsage>(&operation)) {
    record->payload.Edit().amounts[Unit::kTokens] = 149;
  } else if (auto* settle = std::get_if<Settle>(&operation)) {
    settle->actual[Unit::kTokens] = Amount();
  } else if (auto* set_limit = std::get_if<SetLimit>(&operation)) {
    set_limit->limit.cap = 1000;
  } else if (auto* freeze = std::get_if<Freeze>(&operation)) {
    freeze->reason = "another";
  } else if (auto* balance = std::get_if<AdjustBalance>(&operation)) {
    balance->amount += balance->amount > 0 ? 1 : -1;
  }
  return operation;
}

// What is left for a new limit of usage that was credited through a whole chain
// the model does not know.
bool AddsLimit(const Operation& operation, const Model& model) {
  const auto* op = std::get_if<SetLimit>(&operation);
  return op != nullptr &&
         std::none_of(model.limits().begin(), model.limits().end(),
                      [&](const ModelLimit& limit) {
                        return limit.path == op->path && !limit.removed &&
                               limit.spec.name == op->limit.name;
                      });
}

Operation Generator::Next(const Model& model) {
  Operation operation = recent_.empty() || !Chance(12) ? Fresh(model) : Again();
  if (model.credited_chain() && AddsLimit(operation, model)) {
    operation = Sweep{.root = root_};
  }
  if (recent_.size() < 12) {
    recent_.push_back(operation);
  } else {
    recent_[Below(recent_.size())] = operation;
  }
  return operation;
}

// One of the latest, as it was or slightly otherwise.
Operation Generator::Again() {
  const Operation again = Pick(recent_);
  return Chance(60) ? again : Mutated(again);
}

}  // namespace budget::model
