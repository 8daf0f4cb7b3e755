#include "server/store/memory/memory_store.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
#include "server/domain/path.h"
#include "server/domain/seal_check.h"

namespace budget {
namespace {

// In one call of SealLedgers.
constexpr int kSealedRootsMax = 32;
constexpr int64_t kSealedEntriesMax = 1000;  // of each

template <typename T>
void Cut(int page_size, Page<T>& page) {
  page.more = static_cast<int>(page.items.size()) > page_size;
  if (page.more) page.items.resize(page_size);
}

bool IsBelow(const std::string& path, const std::string& under) {
  return under.empty() || IsAtOrUnder(path, under);
}

bool IsWithin(const std::string& path,
              const std::optional<std::vector<std::string>>& within) {
  return !within || std::any_of(within->begin(), within->end(),
                                [&](const std::string& subtree) {
                                  return IsIn(path, subtree);
                                });
}

bool IsWithin(const Reservation& reservation, const Catalog& catalog,
              const std::optional<std::vector<std::string>>& within) {
  return std::all_of(reservation.terms->allocation_ids.begin(),
                     reservation.terms->allocation_ids.end(),
                     [&](AllocationId id) {
                       return IsWithin(catalog.FindAllocation(id)->path,
                                       within);
                     });
}

bool IsUnder(const Reservation& reservation, const Catalog& catalog,
             const std::string& under) {
  return std::any_of(
      reservation.terms->allocation_ids.begin(),
      reservation.terms->allocation_ids.end(),
      [&](AllocationId id) {
        return IsAtOrUnder(catalog.FindAllocation(id)->path, under);
      });
}

std::string Describe(const Reservation& reservation) {
  std::string text;
  for (const auto& [name, amounts] :
       {std::pair("held", reservation.held),
        std::pair(" spent", reservation.spent),
        std::pair(" overage", reservation.overage)}) {
    absl::StrAppend(&text, name);
    for (Unit unit : kUnits) absl::StrAppend(&text, " ", amounts[unit]);
  }
  return text;
}

// Ended reservations may have been purged: then nothing is held by them.
void CompareReservations(const MemoryRoot& root, VerifyReport& report) {
  std::map<Uuid, Reservation> sums;
  for (const LedgerEntry& entry : root.ledger()) {
    if (!entry.reservation) continue;
    Reservation& sum = sums[*entry.reservation];
    sum.held += entry.reserved;
    sum.spent += entry.spent;
    sum.overage += entry.overage;
  }
  for (const auto& [id, reservation] : root.reservations()) {
    sums.try_emplace(id);
  }
  report.reservations = static_cast<int64_t>(root.reservations().size());
  for (const auto& [id, sum] : sums) {
    const auto stored = root.reservations().find(id);
    const bool has_row = stored != root.reservations().end();
    if (has_row ? Describe(sum) == Describe(stored->second)
                : sum.held.IsZero()) {
      continue;
    }
    report.Add({absl::StrCat("reservation ", id.ToString()), Describe(sum),
                has_row ? Describe(stored->second) : "no reservation"});
  }
}

absl::Status NoSuchRoot(absl::string_view root) {
  return absl::NotFoundError(absl::StrCat("there is no root \"", root, "\""));
}

SealCheck::NextSeal InOrder(const std::vector<Seal>& seals) {
  return [&seals, at = size_t{0}]() mutable -> std::optional<Seal> {
    if (at == seals.size()) return std::nullopt;
    return seals[at++];
  };
}

}  // namespace

MemoryStore::MemoryStore(MemoryOptions options)
    : options_(std::move(options)) {}

MemoryStore::~MemoryStore() = default;

const MemoryRoot* MemoryStore::Find(absl::string_view root) const {
  const auto found = roots_.find(root);
  return found == roots_.end() ? nullptr : &found->second;
}

absl::Time MemoryStore::NowFor(absl::Span<const LoadPlan> plans) const {
  absl::Time now = options_.clock();
  for (const LoadPlan& plan : plans) {
    const MemoryRoot* root = Find(plan.root);
    if (root != nullptr) now = std::max(now, root->record().last_time);
  }
  return now;
}

absl::Status MemoryStore::Transact(
    Turn, absl::Span<const LoadPlan> plans,
    absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
    absl::Time) {
  absl::MutexLock lock(&mutex_);
  absl::Status status;
  while (TryTransact(plans, decide, status) == Attempt::kAgain) {
  }
  return status;
}

MemoryStore::Attempt MemoryStore::TryTransact(
    absl::Span<const LoadPlan> plans,
    absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
    absl::Status& status) {
  const absl::Time now = NowFor(plans);
  WorkingSets sets;
  std::vector<LoadPlan> overfull;
  for (const LoadPlan& plan : plans) {
    sets.push_back(std::make_shared<WorkingSet>());
    sets.back()->root.name = plan.root;
    const MemoryRoot* root = Find(plan.root);
    if (root != nullptr && root->Load(plan, now,
                                      options_.due_per_transaction_max,
                                      *sets.back())) {
      overfull.push_back(LoadPlan{.root = plan.root});
    }
  }
  if (overfull.empty()) {
    decide(sets, now);
    return Commit(sets, now, status);
  }
  sets.clear();
  for (const LoadPlan& plan : overfull) {
    sets.push_back(std::make_shared<WorkingSet>());
    Find(plan.root)->Load(plan, now, options_.due_per_transaction_max,
                          *sets.back());
    ExpireDue(now, *sets.back());
  }
  const Attempt swept = Commit(sets, now, status);
  return swept == Attempt::kDone && !status.ok() ? swept : Attempt::kAgain;
}

MemoryStore::Attempt MemoryStore::Commit(const WorkingSets& sets,
                                         absl::Time now,
                                         absl::Status& status) {
  status = absl::OkStatus();
  const bool changed =
      std::any_of(sets.begin(), sets.end(),
                  [](const auto& set) { return set->HasChanges(); });
  if (!changed) return Attempt::kDone;
  const Fault fault = options_.fault ? options_.fault() : Fault::kNone;
  if (fault == Fault::kLoseBeforeCommit) return Attempt::kAgain;
  if (fault == Fault::kUnavailable) {
    status = absl::UnavailableError("the storage is not available");
    return Attempt::kDone;
  }
  for (const auto& set : sets) {
    if (!set->HasChanges()) continue;
    const auto root = roots_.find(set->root.name);
    status = root == roots_.end() ? MemoryRoot(set->root.name).Check(*set)
                                  : root->second.Check(*set);
    if (!status.ok()) return Attempt::kDone;
  }
  for (const auto& set : sets) {
    if (!set->HasChanges()) continue;
    const std::string& name = set->root.name;
    roots_.try_emplace(name, name).first->second.Apply(*set, now);
    if (options_.on_commit) options_.on_commit(*set, now);
  }
  return Attempt::kDone;
}

absl::StatusOr<Snapshot> MemoryStore::Read(const LoadPlan& plan) {
  absl::MutexLock lock(&mutex_);
  Snapshot snapshot{std::make_unique<WorkingSet>(), NowFor({&plan, 1})};
  snapshot.set->root.name = plan.root;
  if (const MemoryRoot* root = Find(plan.root)) {
    root->Load(plan, snapshot.read_time, std::numeric_limits<int64_t>::max(),
               *snapshot.set);
  }
  return snapshot;
}

absl::StatusOr<Page<Allocation>> MemoryStore::ListAllocations(
    const AllocationFilter& filter) {
  absl::MutexLock lock(&mutex_);
  Page<Allocation> page{.read_time = options_.clock()};
  std::map<std::string, const Allocation*> sorted;
  for (const auto& [name, root] : roots_) {
    for (const auto& [id, allocation] : root.catalog().allocations()) {
      if (allocation->archived && !filter.include_archived) continue;
      if (!IsBelow(allocation->path, filter.under)) continue;
      if (!IsWithin(allocation->path, filter.within)) continue;
      if (allocation->path <= filter.after) continue;
      sorted[allocation->path] = allocation.get();
    }
  }
  for (const auto& [path, allocation] : sorted) {
    if (static_cast<int>(page.items.size()) > filter.page_size) break;
    page.items.push_back(*allocation);
  }
  Cut(filter.page_size, page);
  if (page.items.empty()) return page;
  const absl::string_view root = RootOf(page.items.front().path);
  for (const Allocation& allocation : page.items) {
    if (RootOf(allocation.path) != root) return page;
  }
  for (const Allocation& allocation : page.items) {
    page.catalog.Put(allocation);
    for (const Limit* limit : Find(root)->catalog().LimitsOf(allocation)) {
      page.catalog.Put(*limit);
    }
  }
  return page;
}

absl::StatusOr<Page<Reservation>> MemoryStore::ListReservations(
    const ReservationFilter& filter) {
  absl::MutexLock lock(&mutex_);
  Page<Reservation> page{.read_time = options_.clock()};
  const MemoryRoot* root = Find(RootOf(filter.under));
  if (root == nullptr) return page;
  page.catalog = root->catalog();
  const auto& all = root->by_creation();
  auto at = filter.after ? all.lower_bound({filter.after->created_at,
                                            filter.after->id})
                         : all.end();
  while (at != all.begin() &&
         static_cast<int>(page.items.size()) <= filter.page_size) {
    const Reservation& reservation = root->reservations().at((--at)->second);
    if (filter.state && reservation.state != *filter.state) continue;
    if (!IsUnder(reservation, page.catalog, filter.under)) continue;
    if (!IsWithin(reservation, page.catalog, filter.within)) continue;
    page.items.push_back(reservation);
  }
  Cut(filter.page_size, page);
  return page;
}

absl::StatusOr<Page<LedgerEntry>> MemoryStore::ListLedger(
    const LedgerFilter& filter) {
  absl::MutexLock lock(&mutex_);
  Page<LedgerEntry> page{.read_time = options_.clock()};
  const MemoryRoot* root = Find(filter.root);
  if (root == nullptr) return page;
  page.catalog = root->catalog();
  for (const LedgerEntry& entry : root->ledger()) {
    if (static_cast<int>(page.items.size()) > filter.page_size) break;
    if (entry.sequence <= filter.after_sequence) continue;
    if (filter.reservation && entry.reservation != filter.reservation) continue;
    page.items.push_back(entry);
  }
  Cut(filter.page_size, page);
  return page;
}

absl::StatusOr<Page<DenialCount>> MemoryStore::ListDenials(
    const DenialFilter& filter) {
  absl::MutexLock lock(&mutex_);
  Page<DenialCount> page{.read_time = options_.clock()};
  std::vector<const DenialCount*> found;
  for (const auto& [key, count] : denials_) {
    if (IsAtOrUnder(count.allocation, filter.under)) found.push_back(&count);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](auto* a, auto* b) { return a->day > b->day; });
  for (size_t i = static_cast<size_t>(filter.offset);
       i < found.size() &&
       static_cast<int>(page.items.size()) <= filter.page_size;
       ++i) {
    page.items.push_back(*found[i]);
  }
  Cut(filter.page_size, page);
  return page;
}

absl::StatusOr<PriceTable> MemoryStore::ReadPrices(absl::string_view root,
                                                   int64_t version) {
  absl::MutexLock lock(&mutex_);
  const MemoryRoot* found = Find(root);
  return found == nullptr ? PriceTable() : found->Prices(version);
}

absl::Status MemoryStore::AddDenials(absl::Span<const DenialCount> counts) {
  absl::MutexLock lock(&mutex_);
  for (const DenialCount& count : counts) Add(count, denials_);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> MemoryStore::RootsDue(int max) {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = options_.clock();
  std::vector<std::string> due;
  for (const auto& [name, root] : roots_) {
    if (static_cast<int>(due.size()) == max) break;
    if (root.AnyDue(now)) due.push_back(name);
  }
  return due;
}

absl::StatusOr<std::map<std::string, int64_t>> MemoryStore::LastSequences(
    absl::Span<const std::string> roots) {
  absl::MutexLock lock(&mutex_);
  std::map<std::string, int64_t> sequences;
  for (const std::string& name : roots) {
    if (const MemoryRoot* root = Find(name)) {
      sequences[name] = root->record().last_sequence;
    }
  }
  return sequences;
}

absl::StatusOr<std::vector<std::string>> MemoryStore::Roots(
    absl::string_view after, int max) {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> roots;
  for (auto at = roots_.upper_bound(after);
       at != roots_.end() && static_cast<int>(roots.size()) < max; ++at) {
    roots.push_back(at->first);
  }
  return roots;
}

absl::StatusOr<OpenHolds> MemoryStore::ReadOpenHolds() {
  absl::MutexLock lock(&mutex_);
  OpenHolds holds;
  for (const auto& [name, root] : roots_) {
    for (const auto& [id, reservation] : root.reservations()) {
      if (!reservation.IsOpen()) continue;
      ++holds.reservations;
      holds.held += reservation.held;
      for (Unit unit : kUnits) {
        holds.held[unit] = std::min(holds.held[unit], kAmountMax);
      }
    }
  }
  return holds;
}

absl::StatusOr<absl::Duration> MemoryStore::LongestDue() {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = options_.clock();
  absl::Duration longest;
  for (const auto& [name, root] : roots_) {
    for (const auto& [id, reservation] : root.reservations()) {
      if (!reservation.IsOpen()) continue;
      longest = std::max(longest, now - reservation.expires_at);
    }
  }
  return longest;
}

absl::StatusOr<int64_t> MemoryStore::PurgeEnded(absl::Duration retention,
                                                int max) {
  absl::MutexLock lock(&mutex_);
  const absl::Time before = options_.clock() - retention;
  const Uuid least = Uuid::Version7(before, {0, 0});
  int64_t purged = 0;
  for (auto& [name, root] : roots_) {
    std::vector<Uuid> ids;
    for (const auto& [id, reservation] : root.reservations()) {
      if (purged + static_cast<int64_t>(ids.size()) == max) break;
      if (reservation.ended_at && *reservation.ended_at < before &&
          id.Version() == 7 && id < least) {
        ids.push_back(id);
      }
    }
    for (const Uuid& id : ids) root.Forget(id);
    purged += static_cast<int64_t>(ids.size());
  }
  return purged;
}

absl::StatusOr<SealProgress> MemoryStore::SealLedgers(
    const std::string& after_root) {
  absl::MutexLock lock(&mutex_);
  SealProgress progress;
  int roots = 0;
  for (auto it = roots_.upper_bound(after_root);
       it != roots_.end() && roots < kSealedRootsMax; ++it, ++roots) {
    progress.entries += it->second.SealNext(kSealedEntriesMax);
    progress.next_after = std::next(it) == roots_.end() ? "" : it->first;
  }
  return progress;
}

absl::StatusOr<SealedHead> MemoryStore::ReadSealed(absl::string_view root) {
  absl::MutexLock lock(&mutex_);
  const MemoryRoot* found = Find(root);
  if (found == nullptr) return NoSuchRoot(root);
  return SealedHead{found->SealedHead(), options_.clock()};
}

absl::StatusOr<VerifyReport> MemoryStore::Verify(absl::string_view root,
                                                 KnownElsewhere elsewhere) {
  absl::MutexLock lock(&mutex_);
  const MemoryRoot* found = Find(root);
  if (found == nullptr) return NoSuchRoot(root);
  VerifyReport report;
  report.read_time = options_.clock();
  LedgerFold fold(found->catalog(), report, std::move(elsewhere.entries));
  SealCheck seals(root, InOrder(found->seals()), elsewhere.checkpoints, report);
  for (const LedgerEntry& entry : found->ledger()) {
    fold.Add(entry);
    seals.Add(entry);
  }
  seals.Finish();
  for (const auto& [key, row] : found->counters()) {
    fold.Compare({.key = key, .counter = row.counter, .as_of = row.as_of});
  }
  fold.ComparePrices(found->Prices(0).prices);
  fold.Finish(found->record().last_sequence);
  CompareReservations(*found, report);
  return report;
}

}  // namespace budget
