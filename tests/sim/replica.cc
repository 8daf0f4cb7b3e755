#include "tests/sim/replica.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
#include "server/lane/pieces.h"

namespace budget::sim {
namespace {

constexpr Load kInsideMax = {.operations = 30'000, .bytes = 256 << 20};
constexpr absl::Duration kQueueWaitMax = absl::Milliseconds(100);
constexpr absl::Duration kSweepPause = absl::Seconds(1);
constexpr absl::Duration kSweepPatience = absl::Seconds(30);
constexpr absl::Duration kBackoffMax = absl::Milliseconds(200);

Effect EffectOf(const std::vector<Operation>& operations) {
  return std::all_of(operations.begin(), operations.end(), FreesCapacity)
             ? Effect::kOnlyFrees
             : Effect::kHolds;
}

// One part for each lane.
std::vector<std::pair<int, Part>> Split(
    const std::shared_ptr<Submission>& submission, int lanes) {
  std::vector<std::pair<int, Part>> parts;
  for (size_t i = 0; i < submission->operations.size(); ++i) {
    const Operation& operation = submission->operations[i];
    const int lane = LaneOf(RootOf(operation), lanes);
    auto at = std::find_if(parts.begin(), parts.end(), [&](const auto& part) {
      return part.first == lane;
    });
    if (at == parts.end()) {
      at = parts.insert(at, {lane, Part{.submission = submission}});
    }
    at->second.indexes.push_back(i);
    if (!FreesCapacity(operation)) at->second.effect = Effect::kHolds;
  }
  return parts;
}

}  // namespace

struct Replica::Call : Submission {
  std::vector<int64_t> transactions;  // as results
  Reply reply;
};

struct Replica::Run {
  int life;
  int lane;
  Lane::Batch batch;
  Pieces pieces;
  absl::Time deadline;
  // Of the first piece.
  int64_t first_try = 0;  // the number of that transaction
  int failures = 0;
  bool in_doubt = false;  // committed, which the replica does not know
};

Replica::Replica(int number, Scene& scene)
    : number_(number),
      scene_(scene),
      clock_error_(absl::Minutes(scene.random.Between(-60, 60))),
      connection_(scene.database) {
  Start();
}

void Replica::Start() {
  ++life_;
  up_ = true;
  gate_ = std::make_unique<Gate>(kInsideMax);
  const LaneOptions options = {
      .batch_operations_max =
          static_cast<size_t>(scene_.profile.batch_operations_max),
      .queue_operations_max =
          static_cast<size_t>(scene_.profile.queue_operations_max),
      .queue_wait_max = kQueueWaitMax};
  lanes_.assign(static_cast<size_t>(scene_.profile.lanes), Lane(options));
  ready_.clear();
  busy_workers_ = 0;
  sweeping_ = false;
  AfterIfAlive(scene_.random.Between(absl::ZeroDuration(), kSweepPause),
               [this] { Sweep(); });
}

void Replica::Kill(absl::Duration down_for) {
  if (!up_) return;
  ++scene_.faults[FaultKind::kReplicaKilled];
  scene_.journal.Tell(
      [&] { return absl::StrCat("replica ", number_, " dies"); });
  up_ = false;
  ++life_;
  scene_.events.After(down_for, [this] { Start(); });
}

void Replica::Pause(absl::Duration during) {
  ++scene_.faults[FaultKind::kReplicaPaused];
  paused_until_ = std::max(paused_until_, scene_.events.now() + during);
}

void Replica::LoseStorage(absl::Duration during) {
  ++scene_.faults[FaultKind::kStorageDown];
  storage_down_until_ = scene_.events.now() + during;
}

void Replica::After(absl::Duration delay, std::function<void()> action) {
  scene_.events.After(delay, [this, action = std::move(action)]() mutable {
    const absl::Duration paused = paused_until_ - scene_.events.now();
    if (paused > absl::ZeroDuration()) return After(paused, std::move(action));
    action();
  });
}

void Replica::AfterIfAlive(absl::Duration delay, std::function<void()> action) {
  After(delay, [this, life = life_, action = std::move(action)] {
    if (life == life_) action();
  });
}

void Replica::Receive(std::vector<Operation> operations,
                      absl::Duration patience, Reply reply) {
  auto call = std::make_shared<Call>();
  const size_t size = operations.size();
  call->operations = std::move(operations);
  call->results.resize(size);
  call->transactions.resize(size);
  call->deadline = Clock() + patience;
  call->effect = EffectOf(call->operations);
  call->load = {.operations = static_cast<int64_t>(size), .bytes = 1};
  call->reply = std::move(reply);
  After(absl::ZeroDuration(), [this, call] { Submit(call); });
}

void Replica::Submit(std::shared_ptr<Call> call) {
  const size_t size = call->operations.size();
  if (!up_ || !gate_->Enter(call->effect, call->load)) {
    const Refusal refusal{.reason = Reason::kDraining, .message = "gone"};
    call->reply(std::vector<OperationResult>(size, RefusedBy(refusal)),
                std::vector<int64_t>(size));
    return;
  }
  auto parts = Split(call, scene_.profile.lanes);
  call->parts_open = static_cast<int>(parts.size());
  for (auto& [lane, part] : parts) {
    Lane& queue = lanes_[static_cast<size_t>(lane)];
    if (!queue.Push(part, Clock())) {
      Schedule(lane);
      continue;
    }
    if (queue.PushWhatFrees(part, Clock())) Schedule(lane);
    Refuse(part, {.reason = Reason::kOverloaded, .message = "overloaded"});
    Answer(part);
  }
}

void Replica::Schedule(int lane) {
  if (!lanes_[static_cast<size_t>(lane)].BecomesReady(Clock())) return;
  ready_.push_back(lane);
  Pump();
}

void Replica::Pump() {
  while (busy_workers_ < scene_.profile.workers && !ready_.empty()) {
    ++busy_workers_;
    const int lane = ready_.front();
    ready_.pop_front();
    BeginLane(lane);
  }
}

void Replica::BeginLane(int lane) {
  scene_.database.AwaitTurn(lane, [this, lane, life = life_] {
    if (life != life_) return scene_.database.EndTurn(lane);
    After(absl::ZeroDuration(), [this, lane, life] {
      if (life != life_) return scene_.database.EndTurn(lane);
      TakeBatch(lane);
    });
  });
}

void Replica::TakeBatch(int lane) {
  const Lane::Batch batch = lanes_[static_cast<size_t>(lane)].Pop(Clock());
  Pieces pieces(GroupByRoot(batch.parts));
  auto run = std::make_shared<Run>(Run{.life = life_,
                                       .lane = lane,
                                       .batch = batch,
                                       .pieces = std::move(pieces),
                                       .deadline = absl::InfinitePast()});
  for (const Part& part : run->batch.late) {
    Refuse(part, {.reason = Reason::kDeadlineExceeded, .message = "late"});
  }
  for (const Part& part : run->batch.parts) {
    run->deadline = std::max(run->deadline, part.submission->deadline);
  }
  if (!run->pieces.empty()) return Prepare(run);
  scene_.database.EndTurn(lane);
  Finish(*run);
}

bool Replica::IsGone(const Run& run) const { return run.life != life_; }

void Replica::Prepare(const std::shared_ptr<Run>& run) {
  After(scene_.random.Mostly(scene_.profile.transaction_max),
        [this, run] { Execute(run); });
}

bool Replica::StorageIsDown() const {
  return !scene_.healed && storage_down_until_ > scene_.events.now();
}

Fate Replica::DrawFate() {
  if (scene_.healed) return Fate::kAnswered;
  if (StorageIsDown()) return Fate::kUnreachable;
  const FaultRates& rates = scene_.profile.rates;
  if (scene_.random.Chance(rates.conflict)) {
    ++scene_.faults[FaultKind::kConflict];
    return Fate::kConflict;
  }
  if (scene_.random.Chance(rates.commit_lost)) {
    ++scene_.faults[FaultKind::kCommitLost];
    return Fate::kLost;
  }
  if (scene_.random.Chance(rates.no_room)) {
    ++scene_.faults[FaultKind::kNoRoom];
    return Fate::kNoRoom;
  }
  if (scene_.random.Chance(rates.commit_in_doubt)) {
    ++scene_.faults[FaultKind::kCommitInDoubt];
    return Fate::kInDoubt;
  }
  return Fate::kAnswered;
}

void Replica::Execute(const std::shared_ptr<Run>& run) {
  if (IsGone(*run)) return Orphan(*run);
  if (Clock() >= run->deadline) {
    scene_.database.EndTurn(run->lane);
    return GiveUp(run, run->failures == 0 ? absl::DeadlineExceededError("late")
                                          : absl::UnavailableError("doubt"));
  }
  if (run->in_doubt) return LookUp(run);
  const int64_t killed = scene_.profile.rates.killed_in_commit;
  const bool dies = !scene_.healed && scene_.random.Chance(killed);
  const Fate fate = dies ? Fate::kDies : DrawFate();
  const absl::Status status = Transact(*run, fate);
  scene_.database.EndTurn(run->lane);
  if (dies) {
    ++scene_.faults[FaultKind::kKilledAfterCommit];
    return Kill(scene_.random.Mostly(absl::Seconds(3)));
  }
  run->in_doubt = connection_.in_doubt();
  if (absl::IsResourceExhausted(status)) {
    return run->pieces.Halve() ? GoOn(run) : TryAgain(run);
  }
  if (run->in_doubt || absl::IsAborted(status)) return TryAgainOrNot(run);
  if (!status.ok()) return GiveUp(run, status);
  Ran(run);
}

// What was decided stands, once it is found to have been committed.
void Replica::LookUp(const std::shared_ptr<Run>& run) {
  scene_.database.EndTurn(run->lane);
  if (StorageIsDown()) return TryAgainOrNot(run);
  Ran(run);
}

// The replica is told so.
void Replica::Ran(const std::shared_ptr<Run>& run) {
  After(scene_.random.Mostly(scene_.profile.message_max), [this, run] {
    if (IsGone(*run)) return;
    run->pieces.Ran();
    GoOn(run);
  });
}

// With the first piece of those that are left.
void Replica::GoOn(const std::shared_ptr<Run>& run) {
  if (run->pieces.empty()) return Finish(*run);
  run->first_try = 0;
  run->failures = 0;
  run->in_doubt = false;
  AwaitTurn(run);
}

void Replica::AwaitTurn(const std::shared_ptr<Run>& run) {
  scene_.database.AwaitTurn(run->lane, [this, run] {
    if (IsGone(*run)) return scene_.database.EndTurn(run->lane);
    Prepare(run);
  });
}

// The replica is dead. What it had sent may take effect nevertheless.
void Replica::Orphan(Run& run) {
  if (run.in_doubt) return scene_.database.EndTurn(run.lane);
  const bool sent = scene_.random.OneIn(2);
  ++scene_.faults[sent ? FaultKind::kKilledAfterCommit
                       : FaultKind::kKilledBeforeCommit];
  Transact(run, sent ? Fate::kDies : Fate::kLost).IgnoreError();
  scene_.database.EndTurn(run.lane);
}

absl::Status Replica::Transact(Run& run, Fate fate) {
  connection_.Meet(fate);
  const absl::Status status =
      RunInOneTransaction(run.pieces.first(), Turn(run.lane), run.deadline,
                          {.retention = scene_.profile.retention}, connection_);
  const bool unbroken = status.ok() || absl::IsAborted(status) ||
                        absl::IsResourceExhausted(status);
  scene_.verdicts.Check(Invariant::kNothingBroken, unbroken,
                        [&] { return status.ToString(); });
  const int64_t number =
      scene_.auditor.Ended({.batches = run.pieces.first(),
                            .committed = connection_.committed(),
                            .answered = status.ok(),
                            .now = connection_.decided_at(),
                            .first_try = run.first_try});
  if (run.first_try == 0) run.first_try = number;
  scene_.journal.Note(static_cast<uint64_t>(fate),
                      static_cast<uint64_t>(number));
  scene_.journal.Tell([&] {
    return absl::StrCat("replica ", number_, " transaction ", number,
                        " of lane ", run.lane, ", fate ",
                        static_cast<int>(fate), ", ",
                        connection_.committed() ? "committed" : "rolled back");
  });
  RecordTransaction(run, number);
  return status;
}

// Of the operations of the first piece.
void Replica::RecordTransaction(const Run& run, int64_t number) {
  absl::flat_hash_set<const OperationResult*> results;
  for (const RootBatch& batch : run.pieces.first()) {
    for (const RootBatch::Item& item : batch.items) results.insert(item.result);
  }
  for (const Part& part : run.batch.parts) {
    auto& call = static_cast<Call&>(*part.submission);
    for (const size_t i : part.indexes) {
      if (results.contains(&call.results[i])) call.transactions[i] = number;
    }
  }
}

// Whoever is told that the storage is not available does not know what became
// of the call: it may have been done.
void Replica::TryAgainOrNot(const std::shared_ptr<Run>& run) {
  if (scene_.healed || !scene_.random.OneIn(4)) return TryAgain(run);
  ++scene_.faults[FaultKind::kStorageGivesUp];
  GiveUp(run, absl::UnavailableError("in doubt"));
}

void Replica::TryAgain(const std::shared_ptr<Run>& run) {
  ++run->failures;
  After(scene_.random.Mostly(kBackoffMax), [this, run] {
    if (IsGone(*run)) return;
    if (Clock() >= run->deadline) {
      ++scene_.faults[FaultKind::kStorageGivesUp];
      return GiveUp(run, absl::UnavailableError("in doubt"));
    }
    AwaitTurn(run);
  });
}

void Replica::GiveUp(const std::shared_ptr<Run>& run,
                     const absl::Status& status) {
  run->pieces.Refuse(status);
  GoOn(run);
}

void Replica::Finish(Run& run) {
  lanes_[static_cast<size_t>(run.lane)].Finish(Clock());
  for (const Part& part : run.batch.late) Answer(part);
  for (const Part& part : run.batch.parts) Answer(part);
  --busy_workers_;
  Schedule(run.lane);
  Pump();
}

void Replica::Answer(const Part& part) {
  auto& call = static_cast<Call&>(*part.submission);
  if (call.parts_open.fetch_sub(1) > 1) return;
  gate_->Leave(call.effect, call.load);
  if (call.reply) call.reply(std::move(call.results), call.transactions);
}

void Replica::Sweep() {
  AfterIfAlive(kSweepPause, [this] { Sweep(); });
  if (sweeping_) return;
  const auto roots = connection_.RootsDue(1000);
  if (!roots.ok() || roots->empty()) return;
  std::vector<Operation> sweeps;
  for (const std::string& root : *roots) {
    sweeps.push_back(budget::Sweep{.root = root});
  }
  sweeping_ = true;
  Receive(std::move(sweeps), kSweepPatience,
          [this, life = life_](auto, auto) {
            if (life == life_) sweeping_ = false;
          });
}

void Replica::Read(const std::string& path) {
  if (!up_) return;
  const auto snapshot = connection_.Read(PlanForChain(path));
  if (!snapshot.ok()) return;
  const std::vector<LimitReading> readings =
      ReadChain(path, snapshot->read_time, *snapshot->set);
  scene_.auditor.oracle().Read(path, readings, *snapshot->set,
                               snapshot->read_time);
}

}  // namespace budget::sim
