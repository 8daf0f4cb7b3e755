#include "server/store/postgres/loader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/failure.h"
#include "server/store/postgres/history.h"
#include "server/store/postgres/load_statements.h"
#include "server/store/postgres/rows.h"

namespace budget {
namespace {

Parameters operator+(Parameters a, Parameters b) {
  std::move(b.begin(), b.end(), std::back_inserter(a));
  return a;
}

// Loads one transaction's sets, step by step: each step is one statement for
// all roots.
class Loading {
 public:
  Loading(Session& session, absl::Span<const LoadPlan> plans,
          const LoadOptions& options)
      : session_(session), plans_(plans), options_(options) {}

  LoadedSets Run() {
    LoadRoots();
    LoadReservations();
    LoadOpenUnder();
    LoadNextDue();
    LoadAllocations();
    LoadLimits();
    LoadCounters();
    LoadPrices();
    LoadRequests();
    LoadChildren();
    LoadHistories();
    return std::move(loaded_);
  }

 private:
  WorkingSet& SetOf(RowReader& row) {
    return *loaded_.sets[index_.at(row.View())];
  }
  template <typename Body>  // void(const LoadPlan&, WorkingSet&)
  void ForEach(Body body) {
    for (size_t i = 0; i < plans_.size(); ++i) {
      body(plans_[i], *loaded_.sets[i]);
    }
  }

  void LoadRoots();
  void LoadReservations();
  void LoadOpenUnder();
  void LoadNextDue();
  void LoadAllocations();
  void LoadLimits();
  void LoadCounters();
  void LoadPrices();
  void LoadRequests();
  void LoadChildren();
  void LoadHistories();
  bool MustProbeDue(const LoadPlan& plan, const LoadedRoot& root) const;
  void PutReservations(const pqxx::result& rows);
  void CountDue();

  Session& session_;
  const absl::Span<const LoadPlan> plans_;
  const LoadOptions options_;
  LoadedSets loaded_;
  std::vector<size_t> probed_;  // roots whose due reservations were looked up
  absl::flat_hash_map<absl::string_view, size_t> index_;
};

void Loading::LoadRoots() {
  Columns roots(1);
  for (const LoadPlan& plan : plans_) {
    roots.Row().Text(plan.root);
    index_[plan.root] = loaded_.sets.size();
    loaded_.sets.push_back(std::make_unique<WorkingSet>());
    loaded_.sets.back()->root.name = plan.root;
  }
  loaded_.roots.resize(plans_.size());
  loaded_.now = absl::InfinitePast();
  for (const pqxx::row& fields : session_.Run(kRoots, roots.Take())) {
    RowReader row(fields);
    loaded_.now = std::max(loaded_.now, row.Time());
    const size_t at = row.Int() - 1;
    RootRecord& record = loaded_.sets[at]->root;
    record.exists = row.Bool();
    if (!record.exists) continue;
    record.last_sequence = row.Int();
    record.last_time = row.Time();
    record.last_allocation = row.Int32();
    record.last_limit = row.Int32();
    record.price_version = row.Int();
    loaded_.now = std::max(loaded_.now, record.last_time);
    loaded_.roots[at] = {.last_sequence = record.last_sequence,
                         .last_allocation = record.last_allocation,
                         .last_limit = record.last_limit,
                         .next_due = row.OptTime()};
  }
}

// The look-up conflicts with every writer near by in the index, so it is made
// only when something may be due, and always by a plain sweep.
bool Loading::MustProbeDue(const LoadPlan& plan, const LoadedRoot& root) const {
  const bool sweep = plan.paths.empty() && plan.reservations.empty();
  return sweep || (root.next_due && *root.next_due <= loaded_.now);
}

void Loading::LoadReservations() {
  Columns asked(2);
  Columns due(1);
  for (size_t i = 0; i < plans_.size(); ++i) {
    for (const Uuid& id : plans_[i].reservations) {
      asked.Row().Text(plans_[i].root).Id(id);
    }
    if (!MustProbeDue(plans_[i], loaded_.roots[i])) continue;
    probed_.push_back(i);
    due.Row().Text(plans_[i].root);
  }
  if (asked.empty() && due.empty()) return;
  Parameters parameters = asked.Take() + due.Take();
  parameters.push_back(sql_text::FromTime(loaded_.now));
  parameters.push_back(options_.due_max
                           ? std::optional(absl::StrCat(*options_.due_max))
                           : std::nullopt);
  PutReservations(
      session_.Run("load_reservations", ReservationsSql(), parameters));
  CountDue();
}

void Loading::PutReservations(const pqxx::result& rows) {
  for (const pqxx::row& fields : rows) {
    RowReader row(fields);
    WorkingSet& set = SetOf(row);
    WorkingSet::ReservationSlot slot;
    slot.reservation = ReadReservation(row);
    slot.exists = true;
    const Uuid id = slot.reservation.id();
    set.reservations.try_emplace(id, std::move(slot));
  }
}

void Loading::CountDue() {
  if (!options_.due_max) return;
  for (const size_t i : probed_) {
    int64_t due = 0;
    for (const auto& [id, slot] : loaded_.sets[i]->reservations) {
      due += slot.reservation.IsOpen() &&
             slot.reservation.expires_at <= loaded_.now;
    }
    loaded_.roots[i].due_overflow = due >= *options_.due_max;
  }
}

void Loading::LoadOpenUnder() {
  Columns needs(4);
  ForEach([&](const LoadPlan& plan, WorkingSet&) {
    for (const LoadPlan::HistoryNeed& need : plan.histories) {
      needs.Row().Text(plan.root).Text(need.path).Text(need.limit.name).Bool(
          MayChangeTwice(plan));
    }
  });
  if (needs.empty()) return;
  PutReservations(
      session_.Run("load_open_under", OpenUnderSql(), needs.Take()));
}

void Loading::LoadNextDue() {
  Columns roots(1);
  for (const size_t i : probed_) {
    // What was left out is due as well: what is known of it stays true.
    if (loaded_.roots[i].due_overflow) continue;
    roots.Row().Text(plans_[i].root);
    loaded_.roots[i].next_due = std::nullopt;
  }
  if (roots.empty()) return;
  Parameters parameters = roots.Take();
  parameters.push_back(sql_text::FromTime(loaded_.now));
  for (const pqxx::row& fields : session_.Run(kNextDue, parameters)) {
    RowReader row(fields);
    const size_t at = index_.at(row.View());
    loaded_.roots[at].next_due = row.Time();
  }
}

void Loading::LoadAllocations() {
  Columns paths(2);
  Columns ids(2);
  ForEach([&](const LoadPlan& plan, WorkingSet& set) {
    for (const std::string& path : plan.paths) {
      paths.Row().Text(plan.root).Text(path);
    }
    std::set<AllocationId> referred;
    for (const auto& [id, slot] : set.reservations) {
      const auto& ids = slot.reservation.terms->allocation_ids;
      referred.insert(ids.begin(), ids.end());
    }
    for (const AllocationId id : referred) ids.Row().Text(plan.root).Int(id);
  });
  if (paths.empty() && ids.empty()) return;
  for (const pqxx::row& fields : session_.Run(
           "load_allocations", AllocationsSql(), paths.Take() + ids.Take())) {
    RowReader row(fields);
    WorkingSet& set = SetOf(row);
    set.catalog.Put(ReadAllocation(row));
  }
  ForEach([](const LoadPlan&, WorkingSet& set) {
    for (auto& [id, slot] : set.reservations) {
      NameAllocations(set.catalog, slot.reservation);
    }
  });
}

void Loading::LoadLimits() {
  Columns allocations(2);
  Columns pinned(2);
  ForEach([&](const LoadPlan& plan, WorkingSet& set) {
    for (const auto& [id, allocation] : set.catalog.allocations()) {
      allocations.Row().Text(plan.root).Int(id);
    }
    std::set<LimitId> limits;
    for (const auto& [id, slot] : set.reservations) {
      for (const Pin& pin : slot.reservation.pins) limits.insert(pin.limit);
    }
    for (const LimitId id : limits) pinned.Row().Text(plan.root).Int(id);
  });
  if (allocations.empty() && pinned.empty()) return;
  for (const pqxx::row& fields :
       session_.Run("load_limits", LimitsSql(),
                    allocations.Take() + pinned.Take())) {
    RowReader row(fields);
    WorkingSet& set = SetOf(row);
    set.catalog.Put(ReadLimit(row));
  }
}

void Loading::LoadCounters() {
  Columns latest(2);
  Columns pinned(3);
  ForEach([&](const LoadPlan& plan, WorkingSet& set) {
    for (const auto& [id, limit] : set.catalog.limits()) {
      latest.Row().Text(plan.root).Int(id);
    }
    std::set<Pin> keys;
    for (const auto& [id, slot] : set.reservations) {
      for (const Pin& pin : slot.reservation.pins) {
        const Limit* limit = set.catalog.FindLimit(pin.limit);
        if (limit == nullptr) {
          throw InvariantBroken("a reservation refers to a missing limit");
        }
        keys.insert(CounterKeyOf(*limit, pin.window));
      }
    }
    for (const Pin& key : keys) {
      pinned.Row().Text(plan.root).Int(key.limit).Int(key.window);
    }
  });
  if (latest.empty()) return;
  for (const pqxx::row& fields : session_.Run(
           "load_counters", CountersSql(), latest.Take() + pinned.Take())) {
    RowReader row(fields);
    WorkingSet& set = SetOf(row);
    StoredCounter stored = ReadCounter(row);
    WorkingSet::CounterSlot slot;
    slot.stored = stored.counter.tally;
    slot.counter = std::move(stored.counter);
    slot.exists = true;
    set.counters.try_emplace(stored.key, std::move(slot));
  }
}

void Loading::LoadPrices() {
  Columns wanted(3);
  ForEach([&](const LoadPlan& plan, WorkingSet& set) {
    std::set<int64_t> versions = {set.root.price_version};
    for (const auto& [id, slot] : set.reservations) {
      versions.insert(slot.reservation.terms->price_version);
    }
    versions.erase(0);
    for (const int64_t version : versions) {
      for (const std::string& model : plan.models) {
        wanted.Row().Text(plan.root).Int(version).Text(model);
      }
    }
  });
  if (wanted.empty()) return;
  for (const pqxx::row& fields : session_.Run(kPrices, wanted.Take())) {
    RowReader row(fields);
    WorkingSet& set = SetOf(row);
    const int64_t version = row.Int();
    ModelPrice price;
    price.model = row.Text();
    price.usd_nanos_per_million = sql_text::ToNumberMap(row.View());
    auto key = std::make_pair(version, price.model);
    set.prices.emplace(std::move(key), std::move(price));
  }
}

void Loading::LoadRequests() {
  Columns wanted(2);
  ForEach([&](const LoadPlan& plan, WorkingSet&) {
    for (const Uuid& id : plan.requests) wanted.Row().Text(plan.root).Id(id);
  });
  if (wanted.empty()) return;
  for (const pqxx::row& fields : session_.Run(kRequests, wanted.Take())) {
    RowReader row(fields);
    WorkingSet& set = SetOf(row);
    const Uuid id = row.Id();
    const auto kind = row.Number<EntryKind>();
    set.requests[id] = {.kind = kind,
                        .fingerprint = sql_text::ToBytes(row.View())};
  }
}

void Loading::LoadChildren() {
  Columns wanted(2);
  ForEach([&](const LoadPlan& plan, WorkingSet&) {
    for (const std::string& path : plan.children_of) {
      wanted.Row().Text(plan.root).Text(path);
    }
  });
  if (wanted.empty()) return;
  for (const pqxx::row& fields : session_.Run(kChildren, wanted.Take())) {
    RowReader row(fields);
    WorkingSet& set = SetOf(row);
    set.with_children.insert(row.Text());
  }
}

void Loading::LoadHistories() {
  ForEach([&](const LoadPlan& plan, WorkingSet& set) {
    for (const LoadPlan::HistoryNeed& need : plan.histories) {
      LoadHistory(session_, plan, need, loaded_.now, set);
    }
  });
}

}  // namespace

LoadedSets Load(Session& session, absl::Span<const LoadPlan> plans,
                const LoadOptions& options) {
  return Loading(session, plans, options).Run();
}

}  // namespace budget
