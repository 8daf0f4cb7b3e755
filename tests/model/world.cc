#include "tests/model/world.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/ledger_fold.h"
#include "server/domain/load_plan.h"
#include "tests/model/paths.h"

namespace budget {
namespace {

bool ConcernsPath(const LedgerEntry& entry, absl::string_view path,
                  const Catalog& catalog) {
  return std::any_of(entry.allocations.begin(), entry.allocations.end(),
                     [&](AllocationId id) {
                       const Allocation* allocation =
                           catalog.FindAllocation(id);
                       return allocation != nullptr &&
                              model::IsWithin(allocation->path, path);
                     });
}

UsageHistory HistoryFor(const LoadPlan::HistoryNeed& need,
                        const std::vector<LedgerEntry>& ledger,
                        const Catalog& catalog, absl::Time now) {
  const Window& window = need.limit.window;
  const WindowKey current = KeyAt(window, now);
  std::map<WindowKey, UsageHistory::Item> items;
  for (const LedgerEntry& entry : ledger) {
    if (!ConcernsPath(entry, need.path, catalog)) continue;
    const WindowKey key = KeyAt(window, entry.admitted_at.value_or(entry.at));
    const bool counts = window.kind == WindowKind::kRolling
                            ? IsLiveBucket(key, current)
                            : key == current;
    if (!counts) continue;
    UsageHistory::Item& item = items[key];
    item.window = key;
    item.spent += entry.spent[need.limit.unit];
    item.overage += entry.overage[need.limit.unit];
    item.unpriced += entry.unpriced;
  }
  UsageHistory history;
  for (const auto& [key, item] : items) history.items.push_back(item);
  return history;
}

std::string Text(const Tally& tally) {
  return absl::StrCat("spent=", tally.spent, " reserved=", tally.reserved,
                      " overage=", tally.overage,
                      " unpriced=", tally.unpriced);
}

}  // namespace

World::Root& World::RootFor(absl::string_view name) {
  std::unique_ptr<Root>& root = roots_[std::string(name)];
  if (root == nullptr) {
    root = std::make_unique<Root>();
    root->set.root.name = std::string(name);
  }
  return *root;
}

WorkingSet& World::SetOf(absl::string_view root) { return RootFor(root).set; }

const std::vector<LedgerEntry>& World::LedgerOf(absl::string_view root) {
  return RootFor(root).ledger;
}

void World::Report(const Root& root, absl::string_view problem) {
  problems_.push_back(absl::StrCat(root.set.root.name, " after entry ",
                                   root.ledger.size(), ": ", problem));
}

Outcome World::Run(const Operation& operation, absl::Time now) {
  return RunBatch(absl::MakeConstSpan(&operation, 1), now).front();
}

std::vector<Outcome> World::RunBatch(absl::Span<const Operation> operations,
                                     absl::Time now) {
  Root& root = RootFor(RootOf(operations.front()));
  Prepare(root, operations, now);
  std::vector<const Operation*> pointers;
  for (const Operation& operation : operations) pointers.push_back(&operation);
  std::vector<Outcome> outcomes = Decide(pointers, now, options_, root.set);
  if (outcomes.size() != operations.size()) Report(root, "outcomes missing");
  const bool all_refused =
      std::none_of(outcomes.begin(), outcomes.end(),
                   [](const Outcome& outcome) { return outcome.ok(); });
  for (const LedgerEntry& entry : root.set.entries) {
    if (all_refused && entry.kind != EntryKind::kExpire) {
      Report(root, "a refusal changed something");
    }
  }
  Commit(root, now);
  return outcomes;
}

std::vector<LimitReading> World::Read(absl::string_view path, absl::Time now) {
  Root& root = RootFor(model::LineDownTo(path).front());
  std::vector<LimitReading> readings = ReadChain(path, now, root.set);
  Commit(root, now);
  return readings;
}

WorkingSet World::Load(const Operation& operation, absl::Time now) {
  Root& root = RootFor(RootOf(operation));
  Prepare(root, absl::MakeConstSpan(&operation, 1), now);
  return root.set;
}

void World::Prepare(Root& root, absl::Span<const Operation> operations,
                    absl::Time now) {
  std::vector<const Operation*> pointers;
  for (const Operation& operation : operations) pointers.push_back(&operation);
  const LoadPlan plan = PlanFor(pointers);
  WorkingSet& set = root.set;
  set.with_children.clear();
  for (const auto& [id, allocation] : set.catalog.allocations()) {
    if (!allocation->archived) {
      set.with_children.insert(std::string(model::Above(allocation->path)));
    }
  }
  set.histories.clear();
  for (const LoadPlan::HistoryNeed& need : plan.histories) {
    set.histories[HistoryKey(need.path, need.limit)] =
        HistoryFor(need, root.ledger, set.catalog, now);
  }
}

void World::Commit(Root& root, absl::Time now) {
  CommitEntries(root, now);
  CommitCounters(root, now);
  CommitReservations(root);
  CommitCatalog(root);
  WorkingSet& set = root.set;
  for (const auto& [id, request] : set.new_requests) set.requests[id] = request;
  set.new_requests.clear();
  for (const auto& [version, prices] : set.new_prices) {
    for (const ModelPrice& price : prices) {
      set.prices[{version, price.model}] = price;
    }
  }
  set.new_prices.clear();
}

void World::CommitEntries(Root& root, absl::Time now) {
  WorkingSet& set = root.set;
  for (LedgerEntry& entry : set.entries) {
    const LedgerEntry* last = root.ledger.empty() ? nullptr
                                                  : &root.ledger.back();
    const int64_t expected = last == nullptr ? 1 : last->sequence + 1;
    if (entry.sequence != expected) Report(root, "hole in the sequence");
    if (last != nullptr && entry.at < last->at) Report(root, "time falls");
    if (entry.at != now && (last == nullptr || entry.at != last->at)) {
      Report(root, "entry at another time");
    }
    root.ledger.push_back(std::move(entry));
  }
  set.entries.clear();
  const int64_t last = root.ledger.empty() ? 0 : root.ledger.back().sequence;
  if (set.root.last_sequence != last) Report(root, "wrong last_sequence");
  set.root.exists = !root.ledger.empty();
}

void World::CommitCounters(Root& root, absl::Time now) {
  for (auto& [key, slot] : root.set.counters) {
    const Limit* limit = root.set.catalog.FindLimit(key.limit);
    if (limit == nullptr) {
      Report(root, "counter without a limit");
      continue;
    }
    Row& row = root.counters[key];
    Counter before = row.counter;
    Age(*limit, now, before);
    Counter after = slot.counter;
    Age(*limit, now, after);
    if (!slot.changed && before != after) {
      Report(root, absl::StrCat("counter of ", limit->spec.name,
                                " changed unmarked: ", Text(before.tally),
                                " to ", Text(after.tally)));
    }
    if (after.tally.Usage() > before.tally.Usage() &&
        after.tally.Usage() > limit->Ceiling() && slot.exists) {
      Report(root, absl::StrCat("cap of ", limit->spec.name,
                                " passed: ", Text(after.tally)));
    }
    for (int64_t figure : {after.tally.spent, after.tally.reserved,
                           after.tally.overage, after.tally.unpriced}) {
      if (figure < 0 || figure > kAmountMax) {
        Report(root, absl::StrCat("counter of ", limit->spec.name,
                                  " out of range: ", Text(after.tally)));
      }
    }
    if (slot.changed) row = {.counter = slot.counter, .as_of = now};
    slot.stored = slot.counter.tally;
    slot.exists = true;
    slot.changed = false;
  }
}

void World::CommitReservations(Root& root) {
  for (auto& [id, slot] : root.set.reservations) {
    const auto stored = root.reservations.find(id);
    if (slot.changed || !slot.exists) {
      root.reservations[id] = slot.reservation;
    } else if (stored == root.reservations.end() ||
               stored->second != slot.reservation) {
      Report(root, "reservation changed unmarked");
    }
    slot.exists = true;
    slot.changed = false;
  }
}

void World::CommitCatalog(Root& root) {
  WorkingSet& set = root.set;
  for (AllocationId id : set.changed_allocations) {
    root.allocations[id] = *set.catalog.FindAllocation(id);
  }
  for (LimitId id : set.changed_limits) {
    root.limits[id] = *set.catalog.FindLimit(id);
  }
  set.changed_allocations.clear();
  set.changed_limits.clear();
  for (const auto& [id, allocation] : set.catalog.allocations()) {
    if (root.allocations[id] != *allocation) {
      Report(root, "allocation changed unmarked");
    }
  }
  for (const auto& [id, limit] : set.catalog.limits()) {
    if (root.limits[id] != *limit) Report(root, "limit changed unmarked");
  }
}

void World::Verify() {
  for (const auto& [name, root] : roots_) {
    VerifyReport report;
    LedgerFold fold(root->set.catalog, report);
    for (const LedgerEntry& entry : root->ledger) fold.Add(entry);
    for (const auto& [key, row] : root->counters) {
      fold.Compare({.key = key, .counter = row.counter, .as_of = row.as_of});
    }
    fold.Finish(root->set.root.last_sequence);
    for (const Discrepancy& found : report.discrepancies) {
      Report(*root, absl::StrCat("fold: ", found.subject, ": ledger ",
                                 found.ledger, ", stored ", found.stored));
    }
  }
}

}  // namespace budget
