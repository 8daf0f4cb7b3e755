#include "server/lane/dispatcher.h"

#include <algorithm>
#include <deque>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "server/lane/batch.h"
#include "server/lane/lane_queue.h"
#include "server/lane/submission.h"

namespace budget {
namespace {

// Splits a submission by lane; the parts are in the order of their lanes.
std::vector<std::pair<int, Part>> Split(
    const std::shared_ptr<Submission>& submission, int lanes) {
  std::vector<std::pair<int, Part>> parts;
  for (size_t i = 0; i < submission->operations.size(); ++i) {
    const Operation& operation = submission->operations[i];
    const int lane = LaneOf(RootOf(operation), lanes);
    auto at = std::find_if(parts.begin(), parts.end(),
                           [&](const auto& part) { return part.first == lane; });
    if (at == parts.end()) {
      at = parts.insert(at, {lane, Part{.submission = submission}});
    }
    at->second.indexes.push_back(i);
    at->second.only_frees &= FreesCapacity(operation);
  }
  return parts;
}

absl::Time LatestDeadline(absl::Span<const Part> parts) {
  absl::Time latest = absl::InfinitePast();
  for (const Part& part : parts) {
    latest = std::max(latest, part.submission->deadline);
  }
  return latest;
}

}  // namespace

class Dispatcher::Impl {
 public:
  Impl(Store& store, Clock& clock, DenialSink* denials,
       const DispatcherOptions& options)
      : store_(store), clock_(clock), denials_(denials), options_(options) {
    for (int lane = 0; lane < store.lanes(); ++lane) {
      lanes_.push_back({.queue = LaneQueue(options.queue_operations_max)});
    }
    for (int i = 0; i < options.workers; ++i) {
      workers_.emplace_back([this] { Work(); });
    }
  }

  ~Impl() {
    Drain();
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    for (std::thread& worker : workers_) worker.join();
  }

  void Submit(std::vector<Operation> operations, absl::Time deadline,
              Done done) {
    auto submission = std::make_shared<Submission>();
    submission->operations = std::move(operations);
    submission->results.resize(submission->operations.size());
    submission->deadline = deadline;
    submission->done = std::move(done);
    std::vector<std::pair<int, Part>> parts =
        Split(submission, store_.lanes());
    if (parts.empty()) return submission->done({});
    submission->parts_open = static_cast<int>(parts.size());
    std::vector<Part> refused = Enqueue(std::move(parts));
    for (const Part& part : refused) Answer(part);
  }

  void Drain() {
    absl::MutexLock lock(&mutex_);
    draining_ = true;
    mutex_.Await(absl::Condition(
        +[](Impl* impl) ABSL_EXCLUSIVE_LOCKS_REQUIRED(impl->mutex_) {
          return impl->parts_inside_ == 0;
        },
        this));
  }

 private:
  struct Lane {
    LaneQueue queue;
    bool scheduled = false;  // in ready_, or a worker is at it
  };

  // Returns the parts that were refused.
  std::vector<Part> Enqueue(std::vector<std::pair<int, Part>> parts) {
    std::vector<Part> refused;
    absl::MutexLock lock(&mutex_);
    for (auto& [number, part] : parts) {
      ++parts_inside_;
      Lane& lane = lanes_[number];
      if (draining_) {
        Refuse(part, Reason::kDraining,
               "this replica is shutting down; call another");
      } else if (!lane.queue.Push(part)) {
        Refuse(part, Reason::kOverloaded,
               "too many calls are waiting; back off and retry");
      } else {
        Schedule(number);
        continue;
      }
      refused.push_back(std::move(part));
    }
    return refused;
  }

  void Schedule(int number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Lane& lane = lanes_[number];
    if (lane.scheduled || lane.queue.empty()) return;
    lane.scheduled = true;
    ready_.push_back(number);
  }

  void Work() {
    while (true) {
      int number;
      std::vector<Part> batch;
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(
            +[](Impl* impl) ABSL_EXCLUSIVE_LOCKS_REQUIRED(impl->mutex_) {
              return impl->stopping_ || !impl->ready_.empty();
            },
            this));
        if (ready_.empty()) return;
        number = ready_.front();
        ready_.pop_front();
        batch = lanes_[number].queue.Pop(options_.batch_operations_max);
      }
      RunBatch(number, batch);
      {
        absl::MutexLock lock(&mutex_);
        lanes_[number].scheduled = false;
        Schedule(number);
      }
      for (const Part& part : batch) Answer(part);
    }
  }

  void RunBatch(int lane, absl::Span<const Part> parts) {
    const absl::Time now = clock_.Now();
    std::vector<Part> live;
    for (const Part& part : parts) {
      if (part.submission->deadline > now) {
        live.push_back(part);
      } else {
        Refuse(part, Reason::kDeadlineExceeded,
               "the deadline passed while the call was waiting");
      }
    }
    std::vector<RootBatch> batches = GroupByRoot(live);
    std::erase_if(batches, [&](const RootBatch& b) { return IsStopped(b); });
    if (!batches.empty()) Run(lane, LatestDeadline(live), batches);
  }

  // A broken invariant concerns one root: the others must not pay for it.
  void Run(int lane, absl::Time deadline,
           absl::Span<const RootBatch> batches) {
    const absl::Status status = RunInOneTransaction(
        batches, lane, deadline, options_.decide, store_);
    if (status.ok()) return;
    if (status.code() == absl::StatusCode::kInternal) {
      if (batches.size() > 1) {
        for (const RootBatch& batch : batches) {
          Run(lane, deadline, absl::MakeConstSpan(&batch, 1));
        }
        return;
      }
      Stop(batches.front().root, status);
    }
    for (const RootBatch& batch : batches) RefuseAll(batch, status);
  }

  bool IsStopped(const RootBatch& batch) {
    {
      absl::MutexLock lock(&mutex_);
      if (!stopped_roots_.contains(batch.root)) return false;
    }
    RefuseAll(batch, absl::InternalError(
                         "the root is stopped: an invariant of it is broken; "
                         "an operator must verify it and restart"));
    return true;
  }

  void Stop(const std::string& root, const absl::Status& why) {
    {
      absl::MutexLock lock(&mutex_);
      stopped_roots_.insert(root);
    }
    if (options_.on_broken) options_.on_broken(root, why);
  }

  // Gives the part's results, and answers the caller if it is the last one.
  void Answer(const Part& part) {
    if (denials_ != nullptr) {
      for (size_t i = 0; i < part.indexes.size(); ++i) {
        denials_->Record(part.result(i), part.operation(i));
      }
    }
    Submission& submission = *part.submission;
    if (submission.parts_open.fetch_sub(1) == 1) {
      submission.done(std::move(submission.results));
    }
    absl::MutexLock lock(&mutex_);
    --parts_inside_;
  }

  Store& store_;
  Clock& clock_;
  DenialSink* const denials_;
  const DispatcherOptions options_;

  absl::Mutex mutex_;
  std::vector<Lane> lanes_ ABSL_GUARDED_BY(mutex_);
  std::deque<int> ready_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> stopped_roots_ ABSL_GUARDED_BY(mutex_);
  int parts_inside_ ABSL_GUARDED_BY(mutex_) = 0;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> workers_;
};

Dispatcher::Dispatcher(Store& store, Clock& clock, DenialSink* denials,
                       const DispatcherOptions& options)
    : impl_(std::make_unique<Impl>(store, clock, denials, options)) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::Submit(std::vector<Operation> operations, absl::Time deadline,
                        Done done) {
  impl_->Submit(std::move(operations), deadline, std::move(done));
}

void Dispatcher::Drain() { impl_->Drain(); }

}  // namespace budget
