#include "server/store/postgres/transactor.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
#include "server/store/postgres/columns.h"
#include "server/store/postgres/flight.h"
#include "server/store/postgres/loader.h"
#include "server/store/postgres/writer.h"

namespace budget {
namespace {

constexpr absl::Duration kBackoffMin = absl::Milliseconds(1);
constexpr absl::Duration kBackoffMax = absl::Milliseconds(250);

constexpr Statement kBegin = {"begin", "BEGIN ISOLATION LEVEL SERIALIZABLE"};

// How long a transaction waits for its lane where its callers will not wait for
// as long as the session does: the longest that they have time for.
constexpr struct {
  int64_t wait_ms;
  Statement statement;
} kLockTimeouts[] = {
    {2000, {"lock_timeout_2000", "SET LOCAL lock_timeout = 2000"}},
    {1000, {"lock_timeout_1000", "SET LOCAL lock_timeout = 1000"}},
    {500, {"lock_timeout_500", "SET LOCAL lock_timeout = 500"}},
    {200, {"lock_timeout_200", "SET LOCAL lock_timeout = 200"}},
    {50, {"lock_timeout_50", "SET LOCAL lock_timeout = 50"}},
    {10, {"lock_timeout_10", "SET LOCAL lock_timeout = 10"}},
};

// Null where the session's own is short enough.
const Statement* LockTimeoutFor(absl::Duration left) {
  if (left >= Session::kLockTimeout) return nullptr;
  for (const auto& [wait_ms, statement] : kLockTimeouts) {
    if (absl::Milliseconds(wait_ms) <= left) return &statement;
  }
  return &std::end(kLockTimeouts)[-1].statement;
}

Statement LockLane(int lane) {
  struct Texts {
    std::string name;
    std::string sql;
  };
  static const auto* const lanes = [] {
    auto* texts = new std::vector<Texts>;
    for (int i = 0; i < kLanes; ++i) {
      texts->push_back({absl::StrCat("lock_lane_", i),
                        absl::StrCat("LOCK TABLE budget.lane_", i,
                                     " IN EXCLUSIVE MODE")});
    }
    return texts;
  }();
  const Texts& texts = lanes->at(lane);
  return {texts.name.c_str(), texts.sql.c_str()};
}

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

// Whether what was asked for is there already. Answers then say so, and what is
// visible here need not be on a synchronous standby yet: its commit may have
// been in doubt to another replica, or to a call before this one.
bool AnyRepeats(const LoadedSets& loaded) {
  return std::any_of(
      loaded.sets.begin(), loaded.sets.end(), [](const auto& set) {
        return !set->reservations.empty() || !set->requests.empty();
      });
}

bool AnyEntries(const LoadedSets& loaded) {
  return std::any_of(loaded.sets.begin(), loaded.sets.end(),
                     [](const auto& set) { return set->HasChanges(); });
}

absl::Duration Jittered(absl::Duration backoff) {
  thread_local absl::BitGen random;
  return backoff * absl::Uniform(random, 0.5, 1.0);
}

}  // namespace

// One call of Transact, over all its attempts.
class Transactor::Call {
 public:
  Call(const PostgresOptions& options, CatalogCache& cache, int lane,
       absl::Span<const LoadPlan> plans, Decide decide, absl::Time deadline)
      : options_(options),
        cache_(cache),
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
  Flight Opening() const {
    Flight opening;
    opening.Add(kBegin);
    if (!options_.lane_locks) return opening;
    if (const Statement* shorter = LockTimeoutFor(deadline_ -
                                                  options_.clock->Now())) {
      opening.Add(*shorter);
    }
    opening.Add(LockLane(lane_));
    return opening;
  }

  LoadedSets LoadFor(Session& session, absl::Span<const LoadPlan> plans) {
    return Load(session, Opening(), plans, {options_.due_per_transaction_max},
                cache_);
  }

  bool TryDecide(Session& session, std::vector<LoadPlan>& overfull) {
    LoadedSets loaded = LoadFor(session, plans_);
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
    LoadedSets loaded = LoadFor(session, overfull);
    for (const auto& set : loaded.sets) ExpireDue(loaded.now, *set);
    if (AnyOverflow(loaded) && !AnyEntries(loaded)) {
      throw InvariantBroken("reservations that are due did not expire");
    }
    if (!HasChanges(loaded)) {
      session.Rollback();  // another replica was faster
      return;
    }
    WriteAndCommit(session, loaded);
    ++options_.stats->sweeps;
  }

  void Finish(Session& session, const LoadedSets& loaded) {
    if (HasChanges(loaded)) {
      WriteAndCommit(session, loaded);
      ++options_.stats->committed;
      return;
    }
    if (was_in_doubt_ || AnyRepeats(loaded)) {
      Columns roots(1);
      for (const LoadPlan& plan : plans_) roots.Row().Text(plan.root);
      Flight barrier;
      barrier.Add(kBarrier, roots.Take());
      barrier.Commit();
      session.Fly(barrier);
    } else {
      session.Rollback();
    }
    ++options_.stats->unchanged;
  }

  const PostgresOptions& options_;
  CatalogCache& cache_;
  const int lane_;
  const absl::Span<const LoadPlan> plans_;
  const Decide decide_;
  const absl::Time deadline_;
  bool was_in_doubt_ = false;
};

Transactor::Transactor(const PostgresOptions& options, CatalogCache& cache)
    : options_(options),
      cache_(cache),
      pool_(options.uri, SessionKind::kWriter, options.writers,
            [&cache] { cache.Clear(); }) {}

absl::Status Transactor::Transact(int lane, absl::Span<const LoadPlan> plans,
                                  Decide decide, absl::Time deadline) {
  Call call(options_, cache_, lane, plans, decide, deadline);
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
    session->RefreshPlans(options_.clock->Now());
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
