#include "server/store/postgres/transactor.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
#include "server/store/postgres/loader.h"
#include "server/store/postgres/writer.h"

namespace budget {
namespace {

constexpr absl::Duration kBackoffMin = absl::Milliseconds(1);
constexpr absl::Duration kBackoffMax = absl::Milliseconds(250);
constexpr absl::Duration kLockWaitMax = absl::Seconds(5);

// Locks the same rows as a lost commit would have: once this is durable and
// replicated, so is what came before it.
constexpr Statement kBarrier = {
    "barrier",
    "UPDATE budget.roots AS x SET last_sequence = x.last_sequence "
    "FROM unnest($1::text[]) AS d(root) WHERE x.root = d.root"};

bool AnyOverflow(const LoadedSets& loaded) {
  return std::any_of(loaded.roots.begin(), loaded.roots.end(),
                     [](const LoadedRoot& root) { return root.due_overflow; });
}

absl::Duration Jittered(absl::Duration backoff) {
  thread_local absl::BitGen random;
  return backoff * absl::Uniform(random, 0.5, 1.0);
}

}  // namespace

// One call of Transact, over all its attempts.
class Transactor::Call {
 public:
  Call(const PostgresOptions& options, int lane,
       absl::Span<const LoadPlan> plans, Decide decide, absl::Time deadline)
      : options_(options),
        lane_(lane),
        plans_(plans),
        decide_(decide),
        deadline_(deadline) {}

  // Sweeps what is in the way, then decides.
  void Run(Session& session) {
    std::vector<LoadPlan> overfull;
    while (!TryDecide(session, overfull)) Sweep(session, overfull);
  }

  void OnFailure(const Failure& failure) {
    was_in_doubt_ |= failure.kind == FailureKind::kInDoubt;
  }

 private:
  // LOCK takes no snapshot, so the snapshot sees what the previous writer of
  // the lane has committed.
  void Begin(Session& session) {
    const absl::Duration wait = std::clamp(
        deadline_ - options_.clock->Now(), absl::Milliseconds(1), kLockWaitMax);
    session.Begin(
        options_.lane_locks
            ? absl::StrCat("BEGIN ISOLATION LEVEL SERIALIZABLE;"
                           "SET LOCAL lock_timeout = ",
                           absl::ToInt64Milliseconds(wait),
                           "; LOCK TABLE budget.lane_", lane_,
                           " IN EXCLUSIVE MODE")
            : std::string("BEGIN ISOLATION LEVEL SERIALIZABLE"));
  }

  bool TryDecide(Session& session, std::vector<LoadPlan>& overfull) {
    Begin(session);
    LoadedSets loaded =
        Load(session, plans_, {options_.due_per_transaction_max});
    overfull.clear();
    for (size_t i = 0; i < plans_.size(); ++i) {
      if (!loaded.roots[i].due_overflow) continue;
      overfull.push_back(LoadPlan{.root = plans_[i].root});
    }
    if (!overfull.empty()) {
      session.Rollback();
      return false;
    }
    decide_(loaded.sets, loaded.now);
    Finish(session, loaded);
    return true;
  }

  void Sweep(Session& session, const std::vector<LoadPlan>& overfull) {
    if (options_.clock->Now() >= deadline_) throw OutOfTime();
    Begin(session);
    LoadedSets loaded =
        Load(session, overfull, {options_.due_per_transaction_max});
    for (const auto& set : loaded.sets) ExpireDue(loaded.now, *set);
    if (!HasChanges(loaded)) {
      if (AnyOverflow(loaded)) {
        throw InvariantBroken("reservations that are due did not expire");
      }
      session.Rollback();  // another replica was faster
      return;
    }
    Write(session, loaded);
    session.Commit();
    ++options_.stats->sweeps;
  }

  void Finish(Session& session, const LoadedSets& loaded) {
    if (HasChanges(loaded)) {
      Write(session, loaded);
      session.Commit();
      ++options_.stats->committed;
      return;
    }
    if (was_in_doubt_) {
      Columns roots(1);
      for (const LoadPlan& plan : plans_) roots.Row().Text(plan.root);
      session.Run(kBarrier, roots.Take());
      session.Commit();
    } else {
      session.Rollback();
    }
    ++options_.stats->unchanged;
  }

  const PostgresOptions& options_;
  const int lane_;
  const absl::Span<const LoadPlan> plans_;
  const Decide decide_;
  const absl::Time deadline_;
  bool was_in_doubt_ = false;
};

Transactor::Transactor(const PostgresOptions& options)
    : options_(options),
      pool_(options.uri, SessionKind::kWriter, options.writers) {}

absl::Status Transactor::Transact(int lane, absl::Span<const LoadPlan> plans,
                                  Decide decide, absl::Time deadline) {
  Call call(options_, lane, plans, decide, deadline);
  return Loop([&](Session& session) { call.Run(session); },
              [&](const Failure& failure) { call.OnFailure(failure); },
              deadline);
}

absl::Status Transactor::Retry(absl::FunctionRef<void(Session&)> body,
                               absl::Time deadline) {
  return Loop(body, [](const Failure&) {}, deadline);
}

absl::Status Transactor::Loop(
    absl::FunctionRef<void(Session&)> attempt,
    absl::FunctionRef<void(const Failure&)> on_failure, absl::Time deadline) {
  if (options_.clock->Now() >= deadline) {
    return absl::DeadlineExceededError("the deadline passed before the start");
  }
  for (absl::Duration backoff = kBackoffMin;;
       backoff = std::min(backoff * 2, kBackoffMax)) {
    Failure failure;
    try {
      Attempt(attempt, deadline);
      return absl::OkStatus();
    } catch (...) {
      failure = DescribeCurrentException();
    }
    Count(failure);
    on_failure(failure);
    const absl::Duration pause = Jittered(backoff);
    if (!IsTransient(failure.kind) ||
        options_.clock->Now() + pause >= deadline) {
      return ToStatus(failure);
    }
    options_.clock->Sleep(pause);
  }
}

void Transactor::Attempt(absl::FunctionRef<void(Session&)> attempt,
                         absl::Time deadline) {
  Pool::Lease session = pool_.Acquire(deadline - options_.clock->Now());
  try {
    attempt(*session);
  } catch (...) {
    const FailureKind kind = DescribeCurrentException().kind;
    if (kind == FailureKind::kConnectionLost || kind == FailureKind::kInDoubt) {
      session->MarkBroken();
      pool_.CloseIdle();
    }
    session->Rollback();
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
