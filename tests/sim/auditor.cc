#include "tests/sim/auditor.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "tests/model/describe.h"
#include "tests/sim/attribution.h"

namespace budget::sim {
namespace {

constexpr absl::Duration kSweptWithin = absl::Seconds(2);

std::string Text(const Tally& tally) {
  return absl::StrCat("spent ", tally.spent, " reserved ", tally.reserved,
                      " overage ", tally.overage, " unpriced ",
                      tally.unpriced);
}

int64_t CallsIn(const RootBatch& batch) {
  return std::count_if(batch.items.begin(), batch.items.end(),
                       [](const RootBatch::Item& item) {
                         return !std::holds_alternative<Sweep>(*item.operation);
                       });
}

// What the first answer to an id says that no later one may say otherwise.
bool SaysTheSame(const Outcome& first, const Outcome& again) {
  return first.reservation->terms == again.reservation->terms &&
         first.ledger_sequence == again.ledger_sequence &&
         first.crossed == again.crossed;
}

}  // namespace

Auditor::Root& Auditor::RootFor(absl::string_view name) {
  const auto found = roots_.find(name);
  if (found != roots_.end()) return found->second;
  Root& root = roots_[std::string(name)];
  root.ledger = std::make_unique<LedgerAudit>(std::string(name), verdicts_);
  return root;
}

void Auditor::Committed(const WorkingSet& set, absl::Time now,
                        absl::Time clock) {
  Root& root = RootFor(set.root.name);
  for (const LedgerEntry& entry : set.entries) {
    root.ledger->Take(entry, set.catalog, now);
    root.fresh.push_back(entry);
  }
  root.ledger->EndTransaction();
  if (!set.changed_limits.empty()) root.added_limits = set.catalog;
  CheckCounters(*root.ledger, set, now);
  CheckPromptness(set, clock);
}

int64_t Auditor::entries() const {
  int64_t entries = 0;
  for (const auto& [name, root] : roots_) {
    entries += root.ledger->last_sequence();
  }
  return entries;
}

void Auditor::CheckCounters(const LedgerAudit& ledger, const WorkingSet& set,
                            absl::Time now) {
  for (const auto& [key, slot] : set.counters) {
    if (!slot.changed) continue;
    const Tally folded = ledger.TallyOf(key, now);
    verdicts_.Check(Invariant::kCountersFold, folded == slot.counter.tally,
                    [&, &key = key, &slot = slot] {
                      return absl::StrCat(
                          set.root.name, " limit ", key.limit, " window ",
                          key.window, ": the ledger has ", Text(folded),
                          ", the counter ", Text(slot.counter.tally));
                    });
  }
}

void Auditor::CheckPromptness(const WorkingSet& set, absl::Time clock) {
  for (const auto& [id, slot] : set.reservations) {
    const Reservation& r = slot.reservation;
    if (!slot.changed || r.state != ReservationState::kExpired ||
        r.settled_late || clock < calm_since_) {
      continue;
    }
    const absl::Time from = std::max(r.expires_at, calm_since_);
    verdicts_.Check(Invariant::kNothingLeftOpen, clock - from <= kSweptWithin,
                    [&, &id = id] {
                      return absl::StrCat(
                          "reservation ", id.ToString(), " was due at ",
                          absl::FormatTime(r.expires_at), " and ended at ",
                          absl::FormatTime(clock));
                    });
  }
}

int64_t Auditor::Ended(const Transaction& transaction) {
  const int64_t number = ++transactions_;
  const bool again = transaction.first_try != 0;
  for (const RootBatch& batch : transaction.batches) {
    Root& root = RootFor(batch.root);
    const std::pair run(again ? transaction.first_try : number, batch.root);
    CheckOneEffect(batch, has_entry_[run]);
    if (transaction.answered) has_entry_.erase(run);
    std::vector<bool> done(batch.items.size());
    if (transaction.committed) {
      operations_ += CallsIn(batch);
      done = oracle_.Run(batch, transaction.answered, transaction.now);
    }
    if (root.added_limits) oracle_.Meet(batch.root, *root.added_limits);
    CheckRows(batch, done);
    root.fresh.clear();
    root.added_limits.reset();
  }
  return number;
}

void Auditor::CheckOneEffect(const RootBatch& batch,
                             std::vector<bool>& has_entry) {
  has_entry.resize(batch.items.size());
  for (const LedgerEntry& entry : RootFor(batch.root).fresh) {
    if (!entry.reservation) continue;
    bool of_one = false, of_one_more = false;
    for (size_t i = 0; i < batch.items.size() && !of_one_more; ++i) {
      if (!IsOf(entry, *batch.items[i].operation)) continue;
      of_one = true;
      if (has_entry[i]) continue;
      of_one_more = has_entry[i] = true;
    }
    if (!of_one) continue;
    verdicts_.Check(Invariant::kOneEffect, of_one_more, [&] {
      return absl::StrCat(batch.root, " entry ", entry.sequence, " of kind ",
                          static_cast<int>(entry.kind), ", reservation ",
                          entry.reservation->ToString(),
                          ": more entries than operations that ran");
    });
  }
}

void Auditor::CheckRows(const RootBatch& batch, const std::vector<bool>& done) {
  for (const LedgerEntry& entry : RootFor(batch.root).fresh) {
    bool explained = entry.kind == EntryKind::kExpire;
    for (size_t i = 0; i < done.size() && !explained; ++i) {
      explained = done[i] && IsOf(entry, *batch.items[i].operation);
    }
    verdicts_.Check(Invariant::kRowHasCall, explained, [&] {
      return absl::StrCat(batch.root, " entry ", entry.sequence, " of kind ",
                          static_cast<int>(entry.kind),
                          " is of no call that was to be done");
    });
  }
}

void Auditor::Answered(const Answer& answer) {
  RootFor(RootOf(answer.operation)).history.push_back(answer.record);
  if (!answer.result.outcome.ok()) return;
  CheckSame(answer);
  CheckRow(answer);
}

void Auditor::CheckRow(const Answer& answer) {
  const LedgerAudit& ledger = *RootFor(RootOf(answer.operation)).ledger;
  const auto has_row = HasRow(ledger, answer.operation, answer.result.outcome);
  if (!has_row) return;
  verdicts_.Check(Invariant::kAckHasRow, *has_row, [&] {
    return absl::StrCat("answered, but not in the ledger: ",
                        Describe(answer.operation), " -> ",
                        Describe(answer.result.outcome));
  });
}

void Auditor::CheckSame(const Answer& answer) {
  const auto* reserve = std::get_if<Reserve>(&answer.operation);
  const auto* record = std::get_if<RecordUsage>(&answer.operation);
  if (reserve == nullptr && record == nullptr) return;
  if (reserve != nullptr && reserve->validate_only) return;
  const Outcome& outcome = answer.result.outcome;
  const auto [at, first] = first_answers_.try_emplace(
      reserve != nullptr ? reserve->id : record->id, outcome);
  if (first) return;
  verdicts_.Check(Invariant::kSameAnswer, SaysTheSame(at->second, outcome),
                  [&, &first_answer = at->second] {
                    return absl::StrCat(Describe(answer.operation),
                                        "\nfirst: ", Describe(first_answer),
                                        "\nagain: ", Describe(outcome));
                  });
}

void Auditor::Finish(Store& store, absl::Time now) {
  for (auto& [name, root] : roots_) {
    CheckStored(store, name, root);
    CheckOpen(store, name, now);
    const auto wrong = CheckRealTime(root.history);
    verdicts_.Check(Invariant::kLinearizable, !wrong.has_value(),
                    [&, &name = name] { return name + ": " + *wrong; });
  }
}

// The rows that are there are those that were committed, and the product's own
// verification finds nothing.
void Auditor::CheckStored(Store& store, const std::string& name,
                          const Root& root) {
  const auto page = store.ListLedger({.root = name, .page_size = 1 << 30});
  std::vector<uint64_t> hashes;
  if (page.ok()) {
    for (const LedgerEntry& entry : page->items) {
      hashes.push_back(HashOf(entry));
    }
  }
  verdicts_.Check(Invariant::kStoredAsSaid, hashes == root.ledger->hashes(),
                  [&] { return name + ": the stored ledger is another"; });
  const auto report = store.Verify(name, {});
  const bool clean = report.ok() ? report->discrepancies.empty()
                                 : absl::IsNotFound(report.status());
  verdicts_.Check(Invariant::kCountersFold, clean, [&] {
    if (!report.ok()) return report.status().ToString();
    const Discrepancy& found = report->discrepancies.front();
    return absl::StrCat(name, ": ", found.subject, ": ledger ", found.ledger,
                        ", stored ", found.stored);
  });
}

void Auditor::CheckOpen(Store& store, const std::string& name,
                        absl::Time now) {
  const auto page =
      store.ListReservations({.under = name,
                              .state = ReservationState::kOpen,
                              .page_size = 1 << 30});
  if (!page.ok()) return;
  for (const Reservation& open : page->items) {
    verdicts_.Check(Invariant::kNothingLeftOpen,
                    open.expires_at + kSweptWithin >= now, [&] {
                      return absl::StrCat("reservation ", open.id().ToString(),
                                          " is open at ", absl::FormatTime(now),
                                          " and was due at ",
                                          absl::FormatTime(open.expires_at));
                    });
  }
}

}  // namespace budget::sim
