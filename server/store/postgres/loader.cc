#include "server/store/postgres/loader.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/columns.h"
#include "server/store/postgres/failure.h"
#include "server/store/postgres/load_statements.h"
#include "server/store/postgres/loading.h"
#include "server/store/postgres/rows.h"
#include "server/store/postgres/sql_text.h"

namespace budget {
namespace {

// How many reservations, ended or not, are looked at to find out when the next
// one is due: a fraction of a second of the busiest root, all of a quiet one.
// Shared out among the roots of a transaction, down to the other.
constexpr int64_t kLookAhead = 500;
constexpr int64_t kLookAheadMin = 20;

Parameters operator+(Parameters a, Parameters b) {
  std::move(b.begin(), b.end(), std::back_inserter(a));
  return a;
}

}  // namespace

Parameters Loading::MakeSets() {
  Columns roots(1);
  for (const LoadPlan& plan : plans_) {
    roots.Row().Text(plan.root);
    index_[plan.root] = loaded_.sets.size();
    loaded_.sets.push_back(std::make_shared<WorkingSet>());
    loaded_.sets.back()->root.name = plan.root;
  }
  loaded_.roots.resize(plans_.size());
  return roots.Take();
}

RowArray Loading::AskedReservations() {
  RowArray keys(kReservationKey);
  for (const LoadPlan& plan : plans_) {
    for (const Uuid& id : plan.reservations) {
      keys.Row().Text(plan.root).Id(id);
    }
  }
  return keys;
}

RowArray Loading::ForeseenCounters() {
  RowArray keys(kLimitKey);
  for (size_t i = 0; i < plans_.size(); ++i) {
    for (const LimitId limit : cache_.Foresee(plans_[i])) {
      latest_[i].insert(limit);
      keys.Row().Text(plans_[i].root).Int4(limit);
    }
  }
  return keys;
}

Columns Loading::AskedPrices() {
  Columns wanted(3);
  for (const LoadPlan& plan : plans_) {
    for (const std::string& model : plan.models) {
      wanted.Row().Text(plan.root).Text(model).OptInt(std::nullopt);
    }
  }
  return wanted;
}

// The heads come first: the snapshot is then of a time after the opening has
// got its locks.
void Loading::Depart(Flight flight) {
  const size_t roots = flight.Add(kRoots, MakeSets());
  std::optional<size_t> reservations;
  std::optional<size_t> counters;
  std::optional<size_t> prices;
  RowArray asked = AskedReservations();
  if (!asked.empty()) {
    reservations = flight.Add(ReservationsById(), {session_.Take(asked)});
  }
  RowArray foreseen = ForeseenCounters();
  if (!foreseen.empty()) {
    counters = flight.Add(CountersLatest(), {session_.Take(foreseen)});
  }
  Columns wanted = AskedPrices();
  if (!wanted.empty()) prices = flight.Add(kPrices, wanted.Take());
  const std::vector<Result> results = session_.Fly(flight);
  PutRoots(results[roots]);
  if (reservations) PutReservations(results[*reservations]);
  if (counters) PutCounters(results[*counters]);
  if (prices) PutPrices(results[*prices]);
}

void Loading::PutRoots(const Result& rows) {
  loaded_.now = absl::InfinitePast();
  loaded_.waited = absl::InfiniteDuration();
  for (RowReader row : rows) {
    const absl::Time now = row.Time();
    loaded_.now = std::max(loaded_.now, now);
    loaded_.waited = std::min(loaded_.waited, now - row.Time());
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
    LoadedRoot& root = loaded_.roots[at];
    root.last_sequence = record.last_sequence;
    root.last_allocation = record.last_allocation;
    root.last_limit = record.last_limit;
    root.next_due = row.OptTime();
    root.stored_next_due = root.next_due;
    root.catalog_sequence = row.Int();
  }
}

// The look-up conflicts with every writer near by in the index, so it is made
// only when something may be due.
void Loading::LoadDue() {
  for (size_t i = 0; i < plans_.size(); ++i) {
    const std::optional<absl::Time>& next_due = loaded_.roots[i].next_due;
    if (!next_due || *next_due > loaded_.now) continue;
    probed_.push_back(i);
  }
  if (probed_.empty()) return;
  reach_.assign(plans_.size(), loaded_.now);
  if (options_.passed_max) ShortenReach();
  Columns due(3);
  for (const size_t i : probed_) {
    due.Row().Text(plans_[i].root).Time(reach_[i]).OptInt(DueMax(i));
  }
  const Result rows = session_.Run(ReservationsDue(), due.Take());
  PutReservations(rows);
  FindOverflow(rows);
}

// Of what is meant for a transaction, the part of each root that is looked up.
int64_t Loading::ShareOf(int64_t most) const {
  return std::max<int64_t>(1, most / static_cast<int64_t>(probed_.size()));
}

std::optional<int64_t> Loading::DueMax(size_t plan) const {
  if (!options_.due_max || plans_[plan].all_due) return std::nullopt;
  return ShareOf(*options_.due_max);
}

// After an outage of all replicas a busy root has hundreds of thousands of
// ended ones on the way, and the lane is locked while they are passed by. What
// expires at the end of the reach is looked at: the next one begins after it.
void Loading::ShortenReach() {
  Columns roots(1);
  for (const size_t i : probed_) {
    if (!plans_[i].all_due) roots.Row().Text(plans_[i].root);
  }
  if (roots.empty()) return;
  Parameters parameters = roots.Take();
  parameters.push_back(sql_text::FromTime(loaded_.now));
  parameters.push_back(absl::StrCat(ShareOf(*options_.passed_max)));
  const Result rows = session_.Run(kDueReach, std::move(parameters));
  for (RowReader row : rows) {
    const size_t at = index_.at(row.View());
    reach_[at] = row.Time();
    loaded_.sets[at]->more_due = true;
    loaded_.roots[at].next_due = reach_[at] + absl::Microseconds(1);
  }
}

// Where the look-up has given as many as it may, there may be more: all of
// those expire no earlier than the last that was given.
void Loading::FindOverflow(const Result& rows) {
  std::vector<int64_t> given(plans_.size());
  for (RowReader row : rows) {
    const size_t at = index_.at(row.View());
    const absl::Time expires_at = ReadReservation(row).expires_at;
    LoadedRoot& root = loaded_.roots[at];
    const std::optional<int64_t> due_max = DueMax(at);
    if (!due_max || ++given[at] < *due_max) continue;
    loaded_.sets[at]->more_due = true;
    root.next_due = expires_at;
  }
}

void Loading::PutReservations(const Result& rows) {
  for (RowReader row : rows) {
    WorkingSet& set = SetOf(row);
    WorkingSet::ReservationSlot slot;
    slot.reservation = ReadReservation(row);
    slot.exists = true;
    const Uuid id = slot.reservation.id();
    set.reservations.try_emplace(id, std::move(slot));
  }
}

void Loading::LoadNextDue() {
  Columns roots(1);
  for (const size_t i : probed_) {
    if (loaded_.sets[i]->more_due) continue;
    roots.Row().Text(plans_[i].root);
    loaded_.roots[i].next_due = std::nullopt;
  }
  if (roots.empty()) return;
  Parameters parameters = roots.Take();
  parameters.push_back(sql_text::FromTime(loaded_.now));
  parameters.push_back(
      absl::StrCat(std::max(kLookAheadMin, ShareOf(kLookAhead))));
  const Result rows = session_.Run(kNextDue, std::move(parameters));
  for (RowReader row : rows) {
    const size_t at = index_.at(row.View());
    loaded_.roots[at].next_due = row.Time();
  }
}

void Loading::Recall() {
  for (size_t i = 0; i < plans_.size(); ++i) {
    cache_.Recall(plans_[i], era_, loaded_.roots[i].catalog_sequence,
                  *loaded_.sets[i]);
  }
}

void Loading::LoadAllocations() {
  Columns paths(2);
  Columns ids(2);
  ForEach([&](const LoadPlan& plan, WorkingSet& set) {
    if (!set.root.exists) return;
    for (const std::string& path : plan.paths) {
      if (set.catalog.FindAllocation(path) != nullptr) continue;
      paths.Row().Text(plan.root).Text(path);
    }
    std::set<AllocationId> referred;
    for (const auto& [id, slot] : set.reservations) {
      for (const AllocationId id : slot.reservation.terms->allocation_ids) {
        if (set.catalog.FindAllocation(id) == nullptr) referred.insert(id);
      }
    }
    for (const AllocationId id : referred) ids.Row().Text(plan.root).Int(id);
  });
  if (!paths.empty() || !ids.empty()) {
    const Result rows =
        session_.Run(AllocationsAsked(), paths.Take() + ids.Take());
    for (RowReader row : rows) {
      const size_t at = index_.at(row.View());
      Allocation allocation = ReadAllocation(row);
      Catalog& catalog = loaded_.sets[at]->catalog;
      if (catalog.FindAllocation(allocation.id) != nullptr) continue;
      unlimited_.emplace_back(at, allocation.id);
      catalog.Put(std::move(allocation));
    }
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
  for (const auto& [at, id] : unlimited_) {
    allocations.Row().Text(plans_[at].root).Int(id);
  }
  ForEach([&](const LoadPlan& plan, WorkingSet& set) {
    std::set<LimitId> limits;
    for (const auto& [id, slot] : set.reservations) {
      for (const Pin& pin : slot.reservation.pins) {
        if (set.catalog.FindLimit(pin.limit) == nullptr) {
          limits.insert(pin.limit);
        }
      }
    }
    for (const LimitId id : limits) pinned.Row().Text(plan.root).Int(id);
  });
  if (allocations.empty() && pinned.empty()) return;
  const Result rows =
      session_.Run(LimitsAsked(), allocations.Take() + pinned.Take());
  for (RowReader row : rows) {
    WorkingSet& set = SetOf(row);
    set.catalog.Put(ReadLimit(row));
  }
}

void Loading::PutCounters(const Result& rows) {
  for (RowReader row : rows) {
    WorkingSet& set = SetOf(row);
    StoredCounter stored = ReadCounter(row);
    WorkingSet::CounterSlot slot;
    slot.stored = stored.counter.tally;
    slot.counter = std::move(stored.counter);
    slot.exists = true;
    set.counters.try_emplace(stored.key, std::move(slot));
  }
}

void Loading::LoadLatestCounters() {
  RowArray missing(kLimitKey);
  for (size_t i = 0; i < plans_.size(); ++i) {
    for (const auto& [id, limit] : loaded_.sets[i]->catalog.limits()) {
      if (!latest_[i].insert(id).second) continue;
      missing.Row().Text(plans_[i].root).Int4(id);
    }
  }
  if (missing.empty()) return;
  PutCounters(session_.Run(CountersLatest(), {session_.Take(missing)}));
}

void Loading::LoadPinnedCounters() {
  RowArray missing(kCounterKey);
  ForEach([&](const LoadPlan& plan, WorkingSet& set) {
    std::set<Pin> keys;
    for (const auto& [id, slot] : set.reservations) {
      for (const Pin& pin : slot.reservation.pins) {
        const Limit* limit = set.catalog.FindLimit(pin.limit);
        if (limit == nullptr) {
          throw InvariantBroken("a reservation refers to a missing limit");
        }
        const Pin key = CounterKeyOf(*limit, pin.window);
        if (!set.counters.contains(key)) keys.insert(key);
      }
    }
    for (const Pin& key : keys) {
      missing.Row().Text(plan.root).Int4(key.limit).Int8(key.window);
    }
  });
  if (missing.empty()) return;
  PutCounters(session_.Run(CountersByKey(), {session_.Take(missing)}));
}

void Loading::PutPrices(const Result& rows) {
  for (RowReader row : rows) {
    WorkingSet& set = SetOf(row);
    const int64_t version = row.Int();
    ModelPrice price;
    price.model = row.Text();
    price.usd_nanos_per_million = sql_text::ToNumberMap(row.Json());
    auto key = std::make_pair(version, price.model);
    set.prices.emplace(std::move(key), std::move(price));
  }
}

void Loading::Remember() {
  for (size_t i = 0; i < plans_.size(); ++i) {
    if (!loaded_.sets[i]->root.exists) continue;
    cache_.Remember(era_, loaded_.roots[i].catalog_sequence,
                    *loaded_.sets[i]);
  }
}

LoadedSets Load(Session& session, Flight opening,
                absl::Span<const LoadPlan> plans, const LoadOptions& options,
                CatalogCache& cache) {
  return Loading(session, plans, options, cache).Run(std::move(opening));
}

}  // namespace budget
