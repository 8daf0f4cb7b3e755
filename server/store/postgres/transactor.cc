#include "server/store/postgres/transactor.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
#include "server/store/postgres/columns.h"
#include "server/store/postgres/flight.h"
#include "server/store/postgres/in_doubt.h"
#include "server/store/postgres/loader.h"
#include "server/store/postgres/opening.h"
#include "server/store/postgres/write_statements.h"
#include "server/store/postgres/writer.h"

namespace budget {
namespace {

constexpr absl::Duration kBackoffMin = absl::Milliseconds(1);
constexpr absl::Duration kBackoffMax = absl::Milliseconds(250);

// So often there was no room for a transaction, for others to make some, before
// it is taken for too large.
constexpr int kTriesWithoutRoom = 4;

bool AnyMoreDue(const LoadedSets& loaded) {
  return std::any_of(loaded.sets.begin(), loaded.sets.end(),
                     [](const auto& set) { return set->more_due; });
}

// Whether answers may rest on something that was found: a reservation, or for an
// administrator anything at all. What is visible here need not be on a
// synchronous standby yet: its commit may have been in doubt to another
// replica, or to a call before this one.
bool MayRepeat(absl::Span<const LoadPlan> plans, const LoadedSets& loaded) {
  return std::any_of(
             plans.begin(), plans.end(),
             [](const LoadPlan& plan) { return !plan.requests.empty(); }) ||
         std::any_of(
             loaded.sets.begin(), loaded.sets.end(),
             [](const auto& set) { return !set->reservations.empty(); });
}

int64_t ExpiredIn(const LoadedSets& loaded) {
  int64_t expired = 0;
  for (const auto& set : loaded.sets) {
    expired += std::count_if(
        set->entries.begin(), set->entries.end(), [](const auto& entry) {
          return entry.kind == EntryKind::kExpire;
        });
  }
  return expired;
}

absl::Duration Jittered(absl::Duration backoff) {
  thread_local absl::BitGen random;
  return backoff * absl::Uniform(random, 0.5, 1.0);
}

}  // namespace

// A transaction that has begun and locked its lane.
class Transactor::HeldTurn final : public Turn::Hold {
 public:
  HeldTurn(Pool& pool, absl::Duration patience)
      : session_(pool.Acquire(patience)) {}
  ~HeldTurn() override {
    if (begun_) session_->Rollback();
  }

  void Begin(const Flight& opening) {
    session_->Fly(opening);
    begun_ = true;
  }

  // The transaction is the caller's to end.
  Pool::Lease& Use() {
    begun_ = false;
    return session_;
  }
  Pool::Lease& session() { return session_; }

 private:
  Pool::Lease session_;
  bool begun_ = false;
};

// One call of Transact, over all its attempts.
class Transactor::Call {
 public:
  enum class State { kNotBegun, kBegun };

  Call(Transactor& transactor, int lane, State state,
       absl::Span<const LoadPlan> plans, Decide decide, absl::Time deadline)
      : options_(transactor.options_),
        cache_(transactor.cache_),
        acknowledged_(transactor.acknowledged_),
        rivals_(transactor.rivals_),
        lane_(lane),
        state_(state),
        plans_(plans),
        decide_(decide),
        deadline_(deadline) {}

  // Sweeps what is in the way, then decides. What was decided before and turns
  // out to be committed stands: decided anew, it would be answered as what
  // comes too late, or have a second effect.
  void Run(Session& session) {
    if (in_doubt_ && TookEffect(session)) return;
    in_doubt_.reset();
    std::vector<LoadPlan> overfull;
    while (!TryDecide(session, overfull)) Sweep(session, overfull);
  }

  AfterFailure OnFailure(const Failure& failure) {
    state_ = State::kNotBegun;
    if (failure.kind == FailureKind::kInDoubt && committing_) {
      in_doubt_ = std::move(committing_);
    }
    committing_.reset();
    was_in_doubt_ |= failure.kind == FailureKind::kInDoubt;
    // Perhaps it took too long between its flights, as it will again.
    was_lost_ |= failure.kind == FailureKind::kInDoubt ||
                 failure.kind == FailureKind::kConnectionLost;
    if (failure.kind == FailureKind::kNoRoom) {
      without_room_ = std::min(without_room_ + 1, kTriesWithoutRoom);
    }
    return too_large() ? AfterFailure::kReturn : AfterFailure::kRetry;
  }

  // Whoever ran it anew in parts would not know of a commit in doubt.
  bool too_large() const {
    return without_room_ == kTriesWithoutRoom && !was_in_doubt_;
  }

 private:
  LoadedSets LoadFor(Session& session, absl::Span<const LoadPlan> plans) {
    const bool begun = std::exchange(state_, State::kNotBegun) == State::kBegun;
    // Each time that there was no room, half as much beside what was asked.
    const LoadOptions most = {
        .due_max =
            std::max(1, options_.due_per_transaction_max >> without_room_),
        .passed_max =
            std::max(1, options_.passed_per_transaction_max >> without_room_)};
    LoadedSets loaded =
        Load(session, begun ? Flight() : Opening(), plans, most, cache_);
    if (!begun) NoteWait(loaded.waited);
    return loaded;
  }

  void NoteWait(absl::Duration waited) {
    rivals_.Note(lane_, waited, options_.clock->Now());
    // Nothing was loaded: unknown.
    if (waited == absl::InfiniteDuration()) return;
    options_.stats->lane_lock_seconds.Record(waited);
  }

  Flight Opening() const {
    Flight opening =
        options_.lane_locks
            ? BeginWritingIn(lane_, deadline_ - options_.clock->Now())
            : BeginWriting();
    if (was_lost_) AllowLongPauses(opening);
    return opening;
  }

  // False where `overfull` roots have to be swept first.
  bool TryDecide(Session& session, std::vector<LoadPlan>& overfull) {
    LoadedSets loaded = LoadFor(session, plans_);
    decide_(loaded.sets, loaded.now);
    overfull.clear();
    for (size_t i = 0; i < plans_.size(); ++i) {
      if (!loaded.sets[i]->undecided) continue;
      overfull.push_back(LoadPlan{.root = plans_[i].root});
      WantAllDue(i);
    }
    if (!overfull.empty()) {
      session.Rollback();
      return false;
    }
    Finish(session, loaded);
    return true;
  }

  // What expires while it is swept must not leave it undecided again.
  void WantAllDue(size_t plan) {
    if (own_plans_.empty()) own_plans_.assign(plans_.begin(), plans_.end());
    own_plans_[plan].all_due = true;
    plans_ = own_plans_;
  }

  // Each step is committed, so that the work of callers who have no time for
  // all of them is not lost.
  void Sweep(Session& session, const std::vector<LoadPlan>& overfull) {
    while (SweepStep(session, overfull) == Left::kMore) {
    }
  }

  enum class Left { kNothing, kMore };

  Left SweepStep(Session& session, const std::vector<LoadPlan>& overfull) {
    if (options_.clock->Now() >= deadline_) throw OutOfTime();
    LoadedSets loaded = LoadFor(session, overfull);
    for (const auto& set : loaded.sets) ExpireDue(loaded.now, *set);
    const Left left = AnyMoreDue(loaded) ? Left::kMore : Left::kNothing;
    if (HasChanges(loaded)) {
      Commit(session, loaded);
      ++options_.stats->sweeps;
    } else if (left == Left::kMore) {
      throw InvariantBroken("reservations that are due did not expire");
    } else {
      session.Rollback();  // another replica was faster
    }
    return left;
  }

  void Commit(Session& session, const LoadedSets& loaded) {
    WriteAndCommit(session, loaded);
    NoteCommitted(loaded);
  }

  void NoteCommitted(const LoadedSets& loaded) {
    for (const auto& set : loaded.sets) acknowledged_.Note(*set);
    options_.stats->expired.Add(ExpiredIn(loaded));
  }

  void Finish(Session& session, const LoadedSets& loaded) {
    if (HasChanges(loaded)) {
      if (options_.lane_locks && HasEntries(loaded)) committing_ = loaded;
      Commit(session, loaded);
      ++options_.stats->committed;
      return;
    }
    if (was_in_doubt_ || MayRepeat(plans_, loaded)) {
      PutBarrier(session);
    } else {
      session.Rollback();
    }
    ++options_.stats->unchanged;
  }

  void PutBarrier(Session& session) {
    Columns roots(1);
    for (const LoadPlan& plan : plans_) roots.Row().Text(plan.root);
    Flight barrier;
    barrier.Add(kBarrier, roots.Take());
    barrier.Commit();
    session.Fly(barrier);
  }

  // Whether what is in doubt was committed after all. A standby need not have
  // it yet.
  bool TookEffect(Session& session) {
    Flight flight = Opening();
    AskForEntries(session, *in_doubt_, flight);
    if (!AllThere(session.Fly(flight).back())) {
      session.Rollback();
      return false;
    }
    PutBarrier(session);
    NoteCommitted(*in_doubt_);
    ++options_.stats->committed;
    return true;
  }

  const PostgresOptions& options_;
  CatalogCache& cache_;
  Acknowledged& acknowledged_;
  Rivals& rivals_;
  const int lane_;
  State state_;
  absl::Span<const LoadPlan> plans_;
  std::vector<LoadPlan> own_plans_;  // once they differ from what was asked
  const Decide decide_;
  const absl::Time deadline_;
  std::optional<LoadedSets> committing_;  // while that is under way
  std::optional<LoadedSets> in_doubt_;    // the last run of `decide`
  bool was_in_doubt_ = false;
  bool was_lost_ = false;
  int without_room_ = 0;  // so many tries
};

Transactor::Transactor(const PostgresOptions& options, CatalogCache& cache,
                       Epoch& epoch, Acknowledged& acknowledged,
                       Pool::OnConnect on_connect)
    : options_(options),
      cache_(cache),
      acknowledged_(acknowledged),
      pool_(options.uri, SessionKind::kWriter, options.writers, epoch,
            std::move(on_connect), options.stats->writers) {}

Turn Transactor::AwaitTurn(int lane, absl::Time deadline) {
  const absl::Time now = options_.clock->Now();
  if (!options_.lane_locks || deadline <= now) return lane;
  if (!rivals_.MetLately(lane, now)) return lane;
  try {
    auto held = std::make_unique<HeldTurn>(pool_, deadline - now);
    RunOn(held->session(), [&](Session& session) {
      session.RefreshPlans(now);
      held->Begin(BeginWritingIn(lane, deadline - options_.clock->Now()));
    });
    options_.stats->lane_lock_seconds.Record(options_.clock->Now() - now);
    return Turn(lane, std::move(held));
  } catch (...) {
    // The transaction meets the same trouble, deals with it and counts it.
    options_.log(absl::StrCat("no turn in a lane: ",
                              DescribeCurrentException().detail));
    return lane;
  }
}

absl::Status Transactor::Transact(Turn turn, absl::Span<const LoadPlan> plans,
                                  Decide decide, absl::Time deadline) {
  // Only AwaitTurn of this store gives holds to those who come here.
  std::unique_ptr<HeldTurn> held(
      static_cast<HeldTurn*>(turn.TakeHold().release()));
  Call call(*this, turn.lane(),
            held ? Call::State::kBegun : Call::State::kNotBegun, plans, decide,
            deadline);
  const absl::Status status =
      Loop(std::move(held), [&](Session& session) { call.Run(session); },
           [&](const Failure& failure) { return call.OnFailure(failure); },
           deadline);
  if (status.ok() || !call.too_large()) return status;
  return absl::ResourceExhaustedError(status.message());
}

absl::Status Transactor::Retry(absl::FunctionRef<void(Session&)> body,
                               absl::Time deadline) {
  return Loop(nullptr, body,
              [](const Failure&) { return AfterFailure::kRetry; }, deadline);
}

absl::Status Transactor::Loop(
    std::unique_ptr<HeldTurn> held,
    absl::FunctionRef<void(Session&)> attempt,
    absl::FunctionRef<AfterFailure(const Failure&)> on_failure,
    absl::Time deadline) {
  if (options_.clock->Now() >= deadline) {
    return absl::DeadlineExceededError("the deadline passed before the start");
  }
  int64_t in_doubt = 0;
  for (absl::Duration backoff = kBackoffMin;;
       backoff = std::min(backoff * 2, kBackoffMax)) {
    Failure failure;
    try {
      if (const auto first = std::move(held)) {
        RunOn(first->Use(), attempt);
      } else {
        Attempt(attempt, deadline);
      }
      options_.stats->in_doubt_resolved.Add(in_doubt);
      return absl::OkStatus();
    } catch (...) {
      failure = DescribeCurrentException();
    }
    Count(failure);
    if (failure.kind == FailureKind::kInDoubt) ++in_doubt;
    if (on_failure(failure) == AfterFailure::kReturn) return ToStatus(failure);
    const absl::Duration pause = Jittered(backoff);
    if (!IsTransient(failure.kind) ||
        options_.clock->Now() + pause >= deadline) {
      options_.stats->given_up.Add();
      return ToStatus(failure);
    }
    options_.stats->retries.Add(failure.sqlstate);
    options_.clock->Sleep(pause);
  }
}

void Transactor::Attempt(absl::FunctionRef<void(Session&)> attempt,
                         absl::Time deadline) {
  Pool::Lease session = pool_.Acquire(deadline - options_.clock->Now());
  RunOn(session, [&](Session& own) {
    own.RefreshPlans(options_.clock->Now());
    attempt(own);
  });
}

// Leaves no transaction open where `attempt` fails.
void Transactor::RunOn(Pool::Lease& lease,
                       absl::FunctionRef<void(Session&)> attempt) {
  try {
    attempt(*lease);
  } catch (...) {
    const FailureKind kind = DescribeCurrentException().kind;
    if (kind == FailureKind::kConnectionLost || kind == FailureKind::kInDoubt) {
      lease.Lose();
    }
    lease->Rollback();
    throw;
  }
}

void Transactor::Count(const Failure& failure) {
  PostgresStats& stats = *options_.stats;
  switch (failure.kind) {
    case FailureKind::kConflict:
      ++stats.conflicts;
      return;  // expected: no line in the log
    case FailureKind::kDeadlock:
      ++stats.deadlocks;
      break;
    case FailureKind::kLockTimeout:
      ++stats.lock_timeouts;
      break;
    case FailureKind::kConnectionLost:
      ++stats.connections_lost;
      break;
    case FailureKind::kOutOfResources:
    case FailureKind::kNoRoom:
      ++stats.out_of_resources;
      break;
    case FailureKind::kInDoubt:
      ++stats.in_doubt;
      break;
    case FailureKind::kInvariantBroken:
      ++stats.invariants_broken;
      break;
  }
  options_.log(absl::StrCat("transaction failed: ", FailureName(failure.kind),
                            ": ", failure.detail));
}

}  // namespace budget
