#include "tests/sim/planted_bug.h"

#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/domain/books.h"
#include "tests/support/forwarding_store.h"

namespace budget::sim {
namespace {

using Decide = absl::FunctionRef<void(WorkingSets&, absl::Time now)>;

// Then a run of the tests is well under way.
constexpr int kTransactionsUntilDown = 500;

WorkingSets CopyOf(const WorkingSets& sets) {
  WorkingSets copies;
  for (const auto& set : sets) {
    copies.push_back(std::make_shared<WorkingSet>(*set));
  }
  return copies;
}

// Posts the last entry for which `chosen` once more.
template <typename Chosen>
void PostAgain(WorkingSets& sets, absl::Time now, Chosen chosen) {
  for (const auto& set : sets) {
    for (size_t i = set->entries.size(); i-- > 0;) {
      if (!chosen(set->entries[i])) continue;
      const DecideOptions options;
      Books(*set, now, options).Post(set->entries[i]);
      return;
    }
  }
}

void ApplyTwice(Decide decide, WorkingSets& sets, absl::Time now) {
  decide(sets, now);
  PostAgain(sets, now, [](const LedgerEntry& entry) {
    return entry.kind == EntryKind::kRecordUsage;
  });
}

void ReleaseTwice(Decide decide, WorkingSets& sets, absl::Time now) {
  decide(sets, now);
  PostAgain(sets, now, [](const LedgerEntry& entry) {
    return entry.kind == EntryKind::kRelease ||
           entry.kind == EntryKind::kExpire;
  });
}

std::vector<Limit> LimitsIn(const WorkingSet& set) {
  std::vector<Limit> limits;
  for (const auto& [id, limit] : set.catalog.limits()) {
    limits.push_back(*limit);
  }
  return limits;
}

void PassCaps(Decide decide, WorkingSets& sets, absl::Time now) {
  std::vector<std::vector<Limit>> kept;
  for (const auto& set : sets) {
    kept.push_back(LimitsIn(*set));
    for (Limit limit : kept.back()) {
      limit.spec.cap.reset();
      set->catalog.Put(std::move(limit));
    }
  }
  decide(sets, now);
  for (size_t i = 0; i < sets.size(); ++i) {
    for (const Limit& limit : kept[i]) {
      if (!sets[i]->changed_limits.insert(limit.id).second) continue;
      sets[i]->catalog.Put(limit);
    }
  }
}

void ForgetIds(absl::Span<const LoadPlan> plans, Decide decide,
               WorkingSets& sets, absl::Time now) {
  std::vector<WorkingSet::ReservationSlot> forgotten;
  for (size_t i = 0; i < sets.size(); ++i) {
    for (const Uuid& id : plans[i].reservations) {
      const auto found = sets[i]->reservations.find(id);
      if (found == sets[i]->reservations.end()) continue;
      if (found->second.reservation.IsOpen()) continue;
      forgotten.push_back(found->second);
      sets[i]->reservations.erase(found);
    }
  }
  decide(sets, now);
  for (const auto& set : sets) {
    for (const WorkingSet::ReservationSlot& slot : forgotten) {
      const auto again = set->reservations.find(slot.reservation.id());
      if (again != set->reservations.end()) again->second.exists = true;
    }
  }
}

void LoseCount(Decide decide, WorkingSets& sets, absl::Time now) {
  decide(sets, now);
  for (const auto& set : sets) {
    for (auto& [key, slot] : set->counters) {
      if (!slot.changed || slot.counter.tally.spent == 0) continue;
      --slot.counter.tally.spent;
      return;
    }
  }
}

void LeaveHole(Decide decide, WorkingSets& sets, absl::Time now) {
  for (const auto& set : sets) ++set->root.last_sequence;
  decide(sets, now);
}

void MakeUpRow(Decide decide, WorkingSets& sets, absl::Time now) {
  decide(sets, now);
  const DecideOptions options;
  LedgerEntry entry;
  entry.kind = EntryKind::kFreeze;
  entry.actor = "nobody";
  Books(*sets.front(), now, options).Post(std::move(entry));
}

void AnswerOtherwise(Decide decide, WorkingSets& sets, absl::Time now) {
  for (const auto& set : sets) {
    for (auto& [id, slot] : set->reservations) {
      ++slot.reservation.terms.Edit().reserve_sequence;
    }
  }
  decide(sets, now);
}

void AddToSpent(int64_t amount, WorkingSets& sets) {
  for (const auto& set : sets) {
    for (auto& [key, slot] : set->counters) {
      if (!slot.exists) continue;
      slot.counter.tally.spent += amount;
      slot.stored.spent += amount;
    }
  }
}

// What is written stays right.
void MisstateRemaining(Decide decide, WorkingSets& sets, absl::Time now) {
  AddToSpent(1, sets);
  decide(sets, now);
  AddToSpent(-1, sets);
}

void BreakConstraint(Decide decide, WorkingSets& sets, absl::Time now) {
  decide(sets, now);
  for (const auto& set : sets) {
    for (auto& [id, slot] : set->reservations) {
      if (slot.changed) slot.exists = !slot.exists;
    }
  }
}

[[noreturn]] void Hang() {
  while (true) pause();
}

void StandStill(Events& events) {
  events.After(absl::ZeroDuration(), [&events] { StandStill(events); });
}

// What was committed is there otherwise.
class AlteredDisk final : public testing::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  absl::StatusOr<Page<LedgerEntry>> ListLedger(
      const LedgerFilter& filter) override {
    absl::StatusOr<Page<LedgerEntry>> page = base().ListLedger(filter);
    if (page.ok() && !page->items.empty()) ++page->items.back().unpriced;
    return page;
  }
};

class PlantedStore final : public testing::ForwardingStore {
 public:
  PlantedStore(Bug bug, Store& base) : ForwardingStore(base), bug_(bug) {}

  absl::Status Transact(Turn turn, absl::Span<const LoadPlan> plans,
                        Decide decide, absl::Time deadline) override {
    if (bug_ == Bug::kStaysDown && ++transactions_ > kTransactionsUntilDown) {
      return absl::UnavailableError("down");
    }
    Flush(deadline);
    return base().Transact(
        std::move(turn), plans,
        [&](WorkingSets& sets, absl::Time now) {
          Run(plans, decide, sets, now);
        },
        deadline);
  }

  absl::StatusOr<std::vector<std::string>> RootsDue(int max) override {
    if (bug_ == Bug::kSweepsNothing) return std::vector<std::string>();
    return base().RootsDue(max);
  }

 private:
  void Run(absl::Span<const LoadPlan> plans, Decide decide, WorkingSets& sets,
           absl::Time now) {
    switch (bug_) {
      case Bug::kDropsCommits:
      case Bug::kAnswersBeforeCommit: {
        WorkingSets copies = CopyOf(sets);
        decide(copies, now);
        if (bug_ == Bug::kAnswersBeforeCommit) unwritten_ = copies;
        return;
      }
      case Bug::kAppliesTwice:
        return ApplyTwice(decide, sets, now);
      case Bug::kReleasesTwice:
        return ReleaseTwice(decide, sets, now);
      case Bug::kPassesCaps:
        return PassCaps(decide, sets, now);
      case Bug::kForgetsIds:
        return ForgetIds(plans, decide, sets, now);
      case Bug::kLosesCount:
        return LoseCount(decide, sets, now);
      case Bug::kLeavesHoles:
        return LeaveHole(decide, sets, now);
      case Bug::kOwnClock:
        return decide(sets, now + absl::Hours(1));
      case Bug::kMakesUpRows:
        return MakeUpRow(decide, sets, now);
      case Bug::kAnswersOtherwise:
        return AnswerOtherwise(decide, sets, now);
      case Bug::kMisstatesRemaining:
        return MisstateRemaining(decide, sets, now);
      case Bug::kBreaksConstraints:
        return BreakConstraint(decide, sets, now);
      case Bug::kHangs:
        Hang();
      case Bug::kDecidesAnew:
      case Bug::kSweepsNothing:
      case Bug::kAltersRows:
      case Bug::kStaysDown:
      case Bug::kStandsStill:
        return decide(sets, now);
    }
  }

  // Writes what was answered before.
  void Flush(absl::Time deadline) {
    const WorkingSets unwritten = std::exchange(unwritten_, {});
    if (unwritten.empty()) return;
    std::vector<LoadPlan> plans;
    for (const auto& set : unwritten) {
      plans.push_back(LoadPlan{.root = set->root.name});
    }
    base()
        .Transact(
            Turn(LaneOf(plans.front().root, lanes())), plans,
            [&](WorkingSets& sets, absl::Time) {
              for (size_t i = 0; i < sets.size(); ++i) *sets[i] = *unwritten[i];
            },
            deadline)
        .IgnoreError();
  }

  const Bug bug_;
  int transactions_ = 0;
  WorkingSets unwritten_;
};

}  // namespace

absl::string_view BugName(Bug bug) {
  switch (bug) {
    case Bug::kDropsCommits:
      return "drops_commits";
    case Bug::kAnswersBeforeCommit:
      return "answers_before_commit";
    case Bug::kAppliesTwice:
      return "applies_twice";
    case Bug::kDecidesAnew:
      return "decides_anew";
    case Bug::kReleasesTwice:
      return "releases_twice";
    case Bug::kPassesCaps:
      return "passes_caps";
    case Bug::kForgetsIds:
      return "forgets_ids";
    case Bug::kLosesCount:
      return "loses_count";
    case Bug::kLeavesHoles:
      return "leaves_holes";
    case Bug::kOwnClock:
      return "own_clock";
    case Bug::kMakesUpRows:
      return "makes_up_rows";
    case Bug::kAnswersOtherwise:
      return "answers_otherwise";
    case Bug::kSweepsNothing:
      return "sweeps_nothing";
    case Bug::kMisstatesRemaining:
      return "misstates_remaining";
    case Bug::kAltersRows:
      return "alters_rows";
    case Bug::kBreaksConstraints:
      return "breaks_constraints";
    case Bug::kStaysDown:
      return "stays_down";
    case Bug::kStandsStill:
      return "stands_still";
    case Bug::kHangs:
      return "hangs";
  }
  return "";
}

std::optional<Bug> BugNamed(absl::string_view name) {
  for (int i = 0; i < kBugs; ++i) {
    if (BugName(static_cast<Bug>(i)) == name) return static_cast<Bug>(i);
  }
  return std::nullopt;
}

Database::Planted Plant(Bug bug) {
  if (bug == Bug::kAltersRows) {
    return {.on_disk = [](Store& base) {
      return std::make_unique<AlteredDisk>(base);
    }};
  }
  if (bug == Bug::kStandsStill) return {.besides = StandStill};
  if (bug == Bug::kDecidesAnew) return {.decides_anew = true};
  return {.in_service = [bug](Store& base) {
    return std::make_unique<PlantedStore>(bug, base);
  }};
}

}  // namespace budget::sim
