#include "server/lane/dispatcher.h"

#include <algorithm>
#include <deque>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/lane/crowding.h"
#include "server/lane/gate.h"
#include "server/lane/lane.h"
#include "server/lane/later.h"
#include "server/lane/meters.h"
#include "server/lane/retry_spread.h"
#include "server/lane/runner.h"
#include "server/lane/submission.h"

namespace budget {
namespace {

Effect EffectOf(absl::Span<const Operation> operations) {
  const bool only_frees =
      std::all_of(operations.begin(), operations.end(), FreesCapacity);
  return only_frees ? Effect::kOnlyFrees : Effect::kHolds;
}

// One part for each lane; nearly always it is one.
using Parts = std::vector<std::pair<int, Part>>;

// Splits a submission by lane, in the order of first operations.
Parts Split(const std::shared_ptr<Submission>& submission, int lanes) {
  Parts parts;
  for (size_t i = 0; i < submission->operations.size(); ++i) {
    const Operation& operation = submission->operations[i];
    const int lane = LaneOf(RootOf(operation), lanes);
    auto at =
        std::find_if(parts.begin(), parts.end(),
                     [&](const auto& part) { return part.first == lane; });
    if (at == parts.end()) {
      parts.emplace_back(lane, Part{.submission = submission});
      at = parts.end() - 1;
    }
    at->second.indexes.push_back(i);
    if (!FreesCapacity(operation)) at->second.effect = Effect::kHolds;
  }
  return parts;
}

LaneOptions LaneOptionsOf(const DispatcherOptions& options) {
  return {.batch_operations_max =
              static_cast<size_t>(options.batch_operations_max),
          .queue_operations_max =
              static_cast<size_t>(options.queue_operations_max),
          .queue_wait_max = options.queue_wait_max};
}

size_t OperationsIn(absl::Span<const Part> parts) {
  size_t operations = 0;
  for (const Part& part : parts) operations += part.indexes.size();
  return operations;
}

}  // namespace

class Dispatcher::Impl {
 public:
  Impl(Store& store, Clock& clock, DenialSink* denials,
       const DispatcherOptions& options)
      : store_(store),
        clock_(clock),
        denials_(denials),
        options_(options),
        meters_(options.meters ? options.meters
                               : std::make_shared<LaneMeters>()),
        runner_(store, clock, options, meters_),
        gate_({.operations = options.inside_operations_max,
               .bytes = options.inside_bytes_max}),
        kept_back_({.operations = options.inside_operations_max / 4,
                    .bytes = options.inside_bytes_max / 4}),
        lanes_(static_cast<size_t>(store.lanes()),
               Lane(LaneOptionsOf(options))) {
    for (int i = 0; i < options.workers; ++i) {
      workers_.emplace_back([this] { Work(); });
    }
  }

  ~Impl() {
    Drain();
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      work_came_.SignalAll();
    }
    for (std::thread& worker : workers_) worker.join();
  }

  void Submit(std::vector<Operation> operations, const Terms& terms,
              Done done) {
    const size_t size = operations.size();
    if (size == 0) return done({});
    const Effect asked = EffectOf(operations);
    const Load load = {.operations = static_cast<int64_t>(size),
                       .bytes = terms.bytes};
    const std::optional<Effect> effect = EnterAs(asked, operations, load);
    if (!effect) {
      CountShed(Shed::kServerFull, size);
      const Refusal refusal = Overloaded(options_.queue_wait_max);
      return done(std::vector<OperationResult>(size, RefusedBy(refusal)));
    }
    auto submission = std::make_shared<Submission>();
    submission->operations = std::move(operations);
    submission->results.resize(size);
    submission->entered = clock_.Now();
    submission->deadline = terms.deadline;
    submission->caller = terms.caller;
    submission->effect = *effect;
    submission->load = load;
    submission->done = std::move(done);
    Parts parts = Split(submission, store_.lanes());
    if (*effect != asked) RefuseWhatHolds(parts);
    submission->parts_open = static_cast<int>(parts.size());
    meters_->operations_inside.Add(load.operations);
    Answer(Enqueue(parts));
  }

  std::optional<Refusal> RefusalAtTheDoor(Effect effect) {
    if (gate_.HasRoom(effect)) return std::nullopt;
    CountShed(Shed::kServerFull, 1);
    return Overloaded(options_.queue_wait_max);
  }

  void Drain() {
    absl::MutexLock lock(&mutex_);
    draining_ = true;
    later_.Hurry();
    mutex_.Await(absl::Condition(
        +[](Impl* impl) ABSL_EXCLUSIVE_LOCKS_REQUIRED(impl->mutex_) {
          return impl->parts_inside_ == 0;
        },
        this));
  }

 private:
  Refusal Overloaded(absl::Duration wait) {
    return {.reason = Reason::kOverloaded,
            .message = "too many calls are waiting; back off and retry",
            .retry_after = retry_spread_.After(wait)};
  }

  // As what the operations may enter: where there is no room for what holds, for
  // what frees among them alone. Nullopt if not even that has room.
  std::optional<Effect> EnterAs(Effect asked,
                                absl::Span<const Operation> operations,
                                const Load& load) {
    if (gate_.Enter(asked, load)) return asked;
    const bool some_free =
        asked == Effect::kHolds &&
        std::any_of(operations.begin(), operations.end(), FreesCapacity);
    if (!some_free || !gate_.Enter(Effect::kOnlyFrees, load)) {
      return std::nullopt;
    }
    return Effect::kOnlyFrees;
  }

  // Leaves of the parts what frees; where nothing of a part does, it is empty.
  void RefuseWhatHolds(Parts& parts) {
    const Refusal refusal = Overloaded(options_.queue_wait_max);
    for (auto& [number, part] : parts) {
      Part freeing = TakeWhatFrees(part);
      CountShed(Shed::kServerFull, part.indexes.size());
      Refuse(part, refusal);
      part = std::move(freeing);
    }
  }

  void CountShed(Shed shed, size_t count) {
    meters_->shed[static_cast<size_t>(shed)].Add(static_cast<int64_t>(count));
  }

  // Returns the parts that were refused and are to be told so now.
  std::vector<Part> Enqueue(Parts& parts) {
    std::vector<Part> refused;
    const absl::Time now = parts.front().second.submission->entered;
    absl::MutexLock lock(&mutex_);
    for (auto& [number, part] : parts) {
      ++parts_inside_;
      if (part.indexes.empty()) {
        refused.push_back(std::move(part));
        continue;
      }
      const std::optional<Refusal> refusal = Enter(number, part, now);
      if (!refusal) continue;
      Refuse(part, *refusal);
      if (!KeepBack(number, part, now)) refused.push_back(std::move(part));
    }
    return refused;
  }

  // Moves from the part unless it is refused.
  std::optional<Refusal> Enter(int number, Part& part, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (draining_) {
      CountShed(Shed::kDraining, part.indexes.size());
      return Refusal{
          .reason = Reason::kDraining,
          .message = "this replica is shutting down; call another"};
    }
    Lane& lane = LaneAt(number);
    if (const auto wait = lane.Push(part, now)) {
      EnterWhatFrees(number, part, now);
      CountShed(Shed::kQueue, part.indexes.size());
      if (part.effect == Effect::kHolds && lane.HasItsShare(part)) {
        crowding_.Refused(number, part.submission->caller, now);
      }
      return Overloaded(*wait);
    }
    Schedule(number, now);
    return std::nullopt;
  }

  // Lets in what frees of a part that is refused for what it holds, if there is
  // room for that; the refused part is without it then.
  void EnterWhatFrees(int number, Part& part, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!LaneAt(number).PushWhatFrees(part, now)) return;
    ++parts_inside_;
    Schedule(number, now);
  }

  // Answers a part that was refused later, moving from it, if its caller crowds
  // out others.
  bool KeepBack(int number, Part& part, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const Submission& submission = *part.submission;
    const absl::Duration wait =
        std::min(options_.refusal_wait, (submission.deadline - now) / 2);
    if (draining_ || wait <= absl::ZeroDuration() ||
        !crowding_.Crowds(number, submission.caller, now) ||
        !kept_back_.Enter(submission.effect, submission.load)) {
      return false;
    }
    later_.After(wait, [this, part = std::move(part)] {
      kept_back_.Leave(part.submission->effect, part.submission->load);
      Answer(absl::MakeConstSpan(&part, 1));
    });
    return true;
  }

  Lane& LaneAt(int number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return lanes_[static_cast<size_t>(number)];
  }

  void Schedule(int number, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (LaneAt(number).BecomesReady(now)) RunSoon(number);
  }

  void RunSoon(int number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ready_.push_back(number);
    WakeOne();
  }

  void WakeOne() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (idle_workers_ > 0) work_came_.Signal();
  }

  void Work() {
    absl::MutexLock lock(&mutex_);
    while (AwaitWork()) {
      if (!unanswered_.empty()) {
        Lane::Batch batch = std::move(unanswered_.front());
        unanswered_.pop_front();
        AnswerUnlocked(std::move(batch));
      } else {
        const int number = ready_.front();
        ready_.pop_front();
        RunLane(number);
      }
    }
  }

  // One that waits and that no other work has been found for.
  bool HasSpareWorker() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return idle_workers_ > ready_.size() + unanswered_.size();
  }

  // False when it is time to end.
  bool AwaitWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    while (unanswered_.empty() && ready_.empty()) {
      if (stopping_) return false;
      ++idle_workers_;
      work_came_.Wait(&mutex_);
      --idle_workers_;
    }
    return true;
  }

  // Runs batches of the lane as long as there are some and another worker is
  // free to answer the callers of the last one: while a batch commits, those
  // of the batch before are answered, and the lane never waits for a thread.
  void RunLane(int number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Lane& lane = LaneAt(number);
    while (true) {
      Turn turn = AwaitTurn(number);
      const absl::Time closed = clock_.Now();
      Lane::Batch batch = lane.Pop(closed);
      mutex_.Unlock();
      RunBatch(std::move(turn), batch);
      const absl::Time now = clock_.Now();
      CountBatch(batch, closed, now);
      mutex_.Lock();
      lane.Finish(now);
      crowding_.Served(batch.parts, now);
      if (!HasSpareWorker() || !lane.BecomesReady(now)) {
        Schedule(number, now);
        return AnswerUnlocked(std::move(batch));
      }
      unanswered_.push_back(std::move(batch));
      WakeOne();
    }
  }

  // What is submitted while other replicas write still joins the batch.
  Turn AwaitTurn(int number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const absl::Time deadline = LaneAt(number).MayGrowUntil();
    if (deadline == absl::InfinitePast()) return number;
    mutex_.Unlock();
    Turn turn = store_.AwaitTurn(number, deadline);
    mutex_.Lock();
    return turn;
  }

  // Frees what was submitted before it locks again: that may take long, and run
  // code of the callers.
  void AnswerUnlocked(Lane::Batch batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    mutex_.Unlock();
    Answer(batch.late);
    Answer(batch.parts);
    batch = {};
    mutex_.Lock();
  }

  void RunBatch(Turn turn, const Lane::Batch& batch) {
    for (const Part& part : batch.late) {
      Refuse(part,
             {.reason = Reason::kDeadlineExceeded,
              .message = "the deadline passed while the call was waiting"});
    }
    runner_.Run(std::move(turn), batch.parts);
  }

  void CountBatch(const Lane::Batch& batch, absl::Time closed,
                  absl::Time ended) {
    CountShed(Shed::kDeadline, OperationsIn(batch.late));
    if (batch.parts.empty()) return;
    const size_t operations = OperationsIn(batch.parts);
    meters_->batch_operations.Record(static_cast<int64_t>(operations));
    meters_->batch_seconds.Record(ended - closed);
    for (const Part& part : batch.parts) {
      meters_->queue_wait_seconds.Record(
          closed - part.submission->entered,
          static_cast<int64_t>(part.indexes.size()));
    }
  }

  // Gives the results of the parts, and answers the callers whose last part it
  // is.
  void Answer(absl::Span<const Part> parts) {
    if (parts.empty()) return;
    const absl::Time now = clock_.Now();
    for (const Part& part : parts) {
      Count(part, now);
      Submission& submission = *part.submission;
      if (submission.parts_open.fetch_sub(1) > 1) continue;
      meters_->operations_inside.Add(-submission.load.operations);
      submission.done(std::move(submission.results));
      gate_.Leave(submission.effect, submission.load);
    }
    absl::MutexLock lock(&mutex_);
    parts_inside_ -= static_cast<int64_t>(parts.size());
  }

  void Count(const Part& part, absl::Time now) {
    const absl::Duration took = now - part.submission->entered;
    for (size_t i = 0; i < part.indexes.size(); ++i) {
      CountOne(part.operation(i), part.result(i).outcome, took);
      if (denials_ == nullptr) continue;
      denials_->Record(part.result(i), part.operation(i));
    }
  }

  void CountOne(const Operation& operation, const Outcome& outcome,
                absl::Duration took) {
    LaneMeters::OfKind& meters = meters_->operations[OperationKind(operation)];
    if (outcome.ok()) {
      meters.granted.Add();
      if (outcome.replayed) meters.replayed.Add();
    } else {
      meters.not_granted[static_cast<size_t>(outcome.refusal->reason)].Add();
    }
    meters.seconds.Record(took);
    if (meters_->by_root == nullptr) return;
    meters_->by_root->Add(RootOf(operation), DecisionOf(outcome));
  }

  Store& store_;
  Clock& clock_;
  DenialSink* const denials_;
  const DispatcherOptions options_;
  const std::shared_ptr<LaneMeters> meters_;
  Runner runner_;
  Gate gate_;
  Gate kept_back_;  // refusals
  RetrySpread retry_spread_;

  absl::Mutex mutex_;
  std::vector<Lane> lanes_ ABSL_GUARDED_BY(mutex_);
  Crowding crowding_ ABSL_GUARDED_BY(mutex_);
  absl::CondVar work_came_;
  size_t idle_workers_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<int> ready_ ABSL_GUARDED_BY(mutex_);  // lanes with a batch to run
  std::deque<Lane::Batch> unanswered_ ABSL_GUARDED_BY(mutex_);
  int64_t parts_inside_ ABSL_GUARDED_BY(mutex_) = 0;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> workers_;
  Later later_;  // ends first: its tasks use what is above
};

Dispatcher::Dispatcher(Store& store, Clock& clock, DenialSink* denials,
                       const DispatcherOptions& options)
    : impl_(std::make_unique<Impl>(store, clock, denials, options)) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::Submit(std::vector<Operation> operations, const Terms& terms,
                        Done done) {
  impl_->Submit(std::move(operations), terms, std::move(done));
}

std::optional<Refusal> Dispatcher::RefusalAtTheDoor(Effect effect) {
  return impl_->RefusalAtTheDoor(effect);
}

void Dispatcher::Drain() { impl_->Drain(); }

}  // namespace budget
