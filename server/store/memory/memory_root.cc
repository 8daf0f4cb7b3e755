#include "server/store/memory/memory_root.h"

#include <algorithm>
#include <limits>

#include "server/domain/path.h"

namespace budget {
namespace {

template <typename Ids>
bool AnyIn(const SharedList<AllocationId>& ids, const Ids& wanted) {
  return std::any_of(ids.begin(), ids.end(),
                     [&](AllocationId id) { return wanted.count(id) > 0; });
}

bool MayChangeTwice(const LoadPlan& plan) { return plan.requests.size() > 1; }

// Sums that no counter can keep are cut to the least that it cannot.
int64_t Clamp(__int128 sum) {
  return static_cast<int64_t>(std::min<__int128>(sum, kAmountMax + 1));
}

std::optional<int64_t> CapOf(const Limit& limit) {
  return limit.removed ? std::nullopt : limit.spec.cap;
}

// Whether `at` is in the window of `now`, and in which window or bucket.
std::optional<WindowKey> WindowWithin(const Window& window, absl::Time at,
                                      absl::Time now) {
  const WindowKey key = KeyAt(window, at);
  const WindowKey current = KeyAt(window, now);
  const bool counts = window.kind == WindowKind::kRolling
                          ? IsLiveBucket(key, current)
                          : key == current;
  return counts ? std::optional(key) : std::nullopt;
}

bool IsNonNegative(const Tally& tally) {
  return tally.spent >= 0 && tally.reserved >= 0 && tally.overage >= 0 &&
         tally.unpriced >= 0;
}

bool IsNonNegative(const Amounts& amounts) {
  return std::all_of(amounts.by_unit.begin(), amounts.by_unit.end(),
                     [](int64_t amount) { return amount >= 0; });
}

}  // namespace

PriceTable MemoryRoot::Prices(int64_t version) const {
  PriceTable table;
  if (version < 0 || version > record_.price_version) return table;
  table.version = version == 0 ? record_.price_version : version;
  if (const auto prices = prices_.find(table.version);
      prices != prices_.end()) {
    for (const auto& [model, price] : prices->second) {
      table.prices.push_back(price);
    }
  }
  return table;
}

bool MemoryRoot::Load(const LoadPlan& plan, absl::Time now, int64_t due_max,
                      WorkingSet& set) const {
  set.root = record_;
  for (const Uuid& id : plan.reservations) LoadReservation(id, set);
  int64_t due = 0;
  for (const auto& [expires_at, id] : open_) {
    if (expires_at > now || due == due_max) break;
    LoadReservation(id, set);
    ++due;
  }
  LoadOpenUnder(plan, set);
  LoadCatalog(plan, set);
  LoadCounters(set);
  LoadPrices(plan, set);
  for (const Uuid& id : plan.requests) {
    if (const auto found = requests_.find(id); found != requests_.end()) {
      set.requests.insert(*found);
    }
  }
  for (const std::string& path : plan.children_of) {
    for (auto at = ids_by_path_.lower_bound(path + "/");
         at != ids_by_path_.end() && IsAtOrUnder(at->first, path); ++at) {
      if (catalog_.FindAllocation(at->second)->archived) continue;
      set.with_children.insert(path);
      break;
    }
  }
  for (const LoadPlan::HistoryNeed& need : plan.histories) {
    LoadHistory(plan, need, now, set);
  }
  return due == due_max;
}

void MemoryRoot::LoadReservation(const Uuid& id, WorkingSet& set) const {
  const auto found = reservations_.find(id);
  if (found == reservations_.end()) return;
  set.reservations.try_emplace(
      id, WorkingSet::ReservationSlot{.reservation = found->second,
                                      .exists = true});
}

void MemoryRoot::LoadOpenUnder(const LoadPlan& plan, WorkingSet& set) const {
  for (const LoadPlan::HistoryNeed& need : plan.histories) {
    if (IsInForce(need) && !MayChangeTwice(plan)) continue;
    const std::set<AllocationId> ids = IdsUnder(need.path);
    for (const auto& [expires_at, id] : open_) {
      if (AnyIn(reservations_.at(id).terms->allocation_ids, ids)) {
        LoadReservation(id, set);
      }
    }
  }
}

void MemoryRoot::LoadAllocation(const std::string& path,
                                WorkingSet& set) const {
  const Allocation* allocation = catalog_.FindAllocation(path);
  if (allocation == nullptr) return;
  if (set.catalog.FindAllocation(allocation->id) != nullptr) return;
  set.catalog.Put(catalog_.allocations().at(allocation->id));
  for (const Limit* limit : catalog_.LimitsOf(*allocation)) {
    set.catalog.Put(catalog_.limits().at(limit->id));
  }
}

void MemoryRoot::LoadCatalog(const LoadPlan& plan, WorkingSet& set) const {
  for (const std::string& path : plan.paths) LoadAllocation(path, set);
  for (const auto& [id, slot] : set.reservations) {
    for (const AllocationId allocation :
         slot.reservation.terms->allocation_ids) {
      for (absl::string_view prefix :
           ChainOf(catalog_.FindAllocation(allocation)->path)) {
        LoadAllocation(std::string(prefix), set);
      }
    }
    for (const Pin& pin : slot.reservation.pins) {
      set.catalog.Put(catalog_.limits().at(pin.limit));
    }
  }
}

void MemoryRoot::LoadCounters(WorkingSet& set) const {
  for (const auto& [id, limit] : set.catalog.limits()) {
    auto next = counters_.upper_bound(
        {.limit = id, .window = std::numeric_limits<WindowKey>::max()});
    if (next == counters_.begin()) continue;
    if (--next; next->first.limit == id) LoadCounter(next->first, set);
  }
  for (const auto& [id, slot] : set.reservations) {
    for (const Pin& pin : slot.reservation.pins) {
      LoadCounter(CounterKeyOf(*catalog_.FindLimit(pin.limit), pin.window),
                  set);
    }
  }
}

void MemoryRoot::LoadCounter(const Pin& key, WorkingSet& set) const {
  const auto found = counters_.find(key);
  if (found == counters_.end()) return;
  const Counter& counter = found->second.counter;
  set.counters.try_emplace(
      key, WorkingSet::CounterSlot{
               .counter = counter, .stored = counter.tally, .exists = true});
}

void MemoryRoot::LoadPrices(const LoadPlan& plan, WorkingSet& set) const {
  std::set<int64_t> versions = {record_.price_version};
  for (const auto& [id, slot] : set.reservations) {
    versions.insert(slot.reservation.terms->price_version);
  }
  for (const int64_t version : versions) {
    const auto prices = prices_.find(version);
    if (prices == prices_.end()) continue;
    for (const std::string& model : plan.models) {
      const auto price = prices->second.find(model);
      if (price == prices->second.end()) continue;
      set.prices[{version, model}] = price->second;
    }
  }
}

bool MemoryRoot::IsInForce(const LoadPlan::HistoryNeed& need) const {
  const Allocation* owner = catalog_.FindAllocation(need.path);
  return owner != nullptr &&
         catalog_.FindLimit(*owner, need.limit.name) != nullptr;
}

std::set<AllocationId> MemoryRoot::IdsUnder(const std::string& path) const {
  std::set<AllocationId> ids;
  for (const auto& [id, allocation] : catalog_.allocations()) {
    if (IsAtOrUnder(allocation->path, path)) ids.insert(id);
  }
  return ids;
}

void MemoryRoot::LoadHistory(const LoadPlan& plan,
                             const LoadPlan::HistoryNeed& need, absl::Time now,
                             WorkingSet& set) const {
  if (IsInForce(need) && !MayChangeTwice(plan)) return;
  struct Sum {
    __int128 spent = 0;
    __int128 overage = 0;
    int64_t unpriced = 0;
  };
  std::map<WindowKey, Sum> sums;
  const std::set<AllocationId> ids = IdsUnder(need.path);
  for (const LedgerEntry& entry : ledger_) {
    if (!AnyIn(entry.allocations, ids)) continue;
    const std::optional<WindowKey> window = WindowWithin(
        need.limit.window, entry.admitted_at.value_or(entry.at), now);
    if (!window) continue;
    Sum& sum = sums[*window];
    sum.spent += entry.spent[need.limit.unit];
    sum.overage += entry.overage[need.limit.unit];
    sum.unpriced += entry.unpriced;
  }
  UsageHistory history;
  for (const auto& [window, sum] : sums) {
    if (sum.spent == 0 && sum.overage == 0 && sum.unpriced == 0) continue;
    history.items.push_back({.window = window,
                             .spent = Clamp(sum.spent),
                             .overage = Clamp(sum.overage),
                             .unpriced = sum.unpriced});
  }
  set.histories[HistoryKey(need.path, need.limit)] = std::move(history);
}

absl::Status MemoryRoot::Check(const WorkingSet& set) const {
  if (absl::Status status = CheckLedger(set); !status.ok()) return status;
  if (absl::Status status = CheckReservations(set); !status.ok()) return status;
  for (const auto& [key, slot] : set.counters) {
    if (slot.changed && !RowFor(set, key, slot, absl::Time())) {
      return absl::InternalError("a constraint of the counters fired");
    }
  }
  for (const AllocationId id : set.changed_allocations) {
    const Allocation& allocation = *set.catalog.FindAllocation(id);
    const Allocation* same_path = catalog_.FindAllocation(allocation.path);
    const bool is_new = id > record_.last_allocation;
    if (is_new ? same_path != nullptr
               : same_path == nullptr || same_path->id != id) {
      return absl::InternalError("a constraint of the allocations fired");
    }
  }
  for (const auto& [id, request] : set.new_requests) {
    if (requests_.contains(id)) {
      return absl::InternalError("an administrative request is there already");
    }
  }
  return absl::OkStatus();
}

absl::Status MemoryRoot::CheckLedger(const WorkingSet& set) const {
  int64_t sequence = record_.last_sequence;
  for (const LedgerEntry& entry : set.entries) {
    if (entry.sequence <= sequence) {
      return absl::InternalError("a ledger entry is there already");
    }
    sequence = entry.sequence;
  }
  return absl::OkStatus();
}

absl::Status MemoryRoot::CheckReservations(const WorkingSet& set) const {
  for (const auto& [id, slot] : set.reservations) {
    if (!slot.changed) continue;
    const Reservation& reservation = slot.reservation;
    if (slot.exists != reservations_.contains(id) ||
        !IsNonNegative(reservation.held) || !IsNonNegative(reservation.spent) ||
        !IsNonNegative(reservation.overage) ||
        (!reservation.IsOpen() && !reservation.held.IsZero())) {
      return absl::InternalError("a constraint of the reservations fired");
    }
  }
  return absl::OkStatus();
}

std::optional<MemoryRoot::CounterRow> MemoryRoot::RowFor(
    const WorkingSet& set, const Pin& key, const WorkingSet::CounterSlot& slot,
    absl::Time now) const {
  const bool reset = set.changed_limits.contains(key.limit);
  const Limit* limit =
      reset ? set.catalog.FindLimit(key.limit) : catalog_.FindLimit(key.limit);
  const auto stored = counters_.find(key);
  if (limit == nullptr || slot.exists != (stored != counters_.end())) {
    return std::nullopt;
  }
  CounterRow row{.counter = slot.counter, .cap = CapOf(*limit), .as_of = now};
  int64_t ceiling = kAmountMax;
  if (slot.exists) {
    const Tally& before = stored->second.counter.tally;
    Tally& tally = row.counter.tally;
    tally.spent += before.spent - slot.stored.spent;
    tally.reserved += before.reserved - slot.stored.reserved;
    tally.overage += before.overage - slot.stored.overage;
    tally.unpriced += before.unpriced - slot.stored.unpriced;
    if (!reset) row.cap = stored->second.cap;
    ceiling = stored->second.ceiling;
  } else if (!reset) {
    ceiling = row.cap.value_or(kAmountMax);
  }
  const int64_t usage = row.counter.tally.Usage();
  row.ceiling = std::max(row.cap.value_or(kAmountMax),
                         reset ? usage : std::min(ceiling, usage));
  const bool holds = usage <= row.ceiling && row.ceiling <= kAmountMax &&
                     IsNonNegative(row.counter.tally);
  return holds ? std::optional(std::move(row)) : std::nullopt;
}

void MemoryRoot::Apply(const WorkingSet& set, absl::Time now) {
  std::vector<std::pair<Pin, CounterRow>> rows;
  for (const auto& [key, slot] : set.counters) {
    if (slot.changed) rows.emplace_back(key, *RowFor(set, key, slot, now));
  }
  ApplyCatalog(set);
  for (auto& [key, row] : rows) counters_[key] = std::move(row);
  for (const auto& [id, slot] : set.reservations) {
    if (slot.changed) ApplyReservation(slot);
  }
  ledger_.insert(ledger_.end(), set.entries.begin(), set.entries.end());
  requests_.insert(set.new_requests.begin(), set.new_requests.end());
  for (const auto& [version, prices] : set.new_prices) {
    for (const ModelPrice& price : prices) {
      prices_[version][price.model] = price;
    }
  }
  record_ = set.root;
  record_.exists = true;
}

void MemoryRoot::ApplyCatalog(const WorkingSet& set) {
  for (const AllocationId id : set.changed_allocations) {
    const std::shared_ptr<const Allocation>& allocation =
        set.catalog.allocations().at(id);
    ids_by_path_[allocation->path] = id;
    catalog_.Put(allocation);
  }
  for (const LimitId id : set.changed_limits) {
    const Limit& limit = catalog_.Put(set.catalog.limits().at(id));
    for (auto at = counters_.lower_bound(
             {.limit = id, .window = std::numeric_limits<WindowKey>::min()});
         at != counters_.end() && at->first.limit == id; ++at) {
      CounterRow& row = at->second;
      if (row.cap == CapOf(limit)) continue;
      row.cap = CapOf(limit);
      row.ceiling = std::max(row.cap.value_or(kAmountMax),
                             row.counter.tally.Usage());
    }
  }
}

// Only what may change of a reservation that is there is taken over.
void MemoryRoot::ApplyReservation(const WorkingSet::ReservationSlot& slot) {
  const Reservation& changed = slot.reservation;
  const auto [at, inserted] = reservations_.try_emplace(changed.id(), changed);
  Reservation& stored = at->second;
  if (inserted) {
    by_creation_.insert({changed.terms->created_at, changed.id()});
  } else {
    open_.erase({stored.expires_at, stored.id()});
    stored.state = changed.state;
    stored.expires_at = changed.expires_at;
    stored.ended_at = changed.ended_at;
    stored.pins = changed.pins;
    stored.held = changed.held;
    stored.spent = changed.spent;
    stored.overage = changed.overage;
    stored.reported = changed.reported;
    stored.usage_final = changed.usage_final;
    stored.settled_late = changed.settled_late;
    stored.unpriced = changed.unpriced;
  }
  if (stored.IsOpen()) open_.insert({stored.expires_at, stored.id()});
}

void MemoryRoot::Forget(const Uuid& reservation) {
  const auto found = reservations_.find(reservation);
  by_creation_.erase({found->second.terms->created_at, reservation});
  open_.erase({found->second.expires_at, reservation});
  reservations_.erase(found);
}

ChainHead MemoryRoot::SealedHead() const {
  if (seals_.empty()) return {};
  return {.sequence = seals_.back().last, .hash = seals_.back().hash};
}

int64_t MemoryRoot::SealNext(int64_t max) {
  const ChainHead head = SealedHead();
  Sealing sealing(record_.name, head);
  for (size_t i = head.sequence; i < ledger_.size(); ++i) {
    if (sealing.entries() == max || !sealing.Add(ledger_[i])) break;
  }
  if (sealing.empty()) return 0;
  seals_.push_back(sealing.seal());
  return sealing.entries();
}

}  // namespace budget
