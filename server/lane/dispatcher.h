#ifndef BUDGET_LANE_DISPATCHER_H_
#define BUDGET_LANE_DISPATCHER_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/domain/decide.h"
#include "server/domain/operation.h"
#include "server/domain/outcome.h"
#include "server/domain/store.h"

namespace budget {

// An outcome with what it refers to.
struct OperationResult {
  Outcome outcome;
  // Names of the allocations and limits in `outcome`. Null where the operation
  // never reached the store: then `outcome` is a refusal that names none.
  std::shared_ptr<const WorkingSet> set;
  absl::Time read_time;  // the database clock; InfinitePast without a set
};

struct DispatcherOptions {
  // Threads, and so store transactions, at a time.
  int workers = 4;
  // Operations in one transaction, at most. One submission is never split, so
  // a batch may exceed this by up to one submission.
  int batch_operations_max = 512;
  // Operations waiting in one lane; beyond, submissions that only free or
  // record still enter up to twice this, all others are shed.
  int queue_operations_max = 10'000;
  DecideOptions decide;
  // Told when a root is stopped because an invariant of it is broken: somebody
  // must look. Called on a worker.
  std::function<void(absl::string_view root, const absl::Status& why)> on_broken;
};

// Receives what was denied, for counting. Thread-safe.
class DenialSink {
 public:
  virtual ~DenialSink() = default;
  virtual void Record(const OperationResult& result,
                      const Operation& operation) = 0;
};

// Runs operations in batches, one at a time per lane: while one batch commits
// the next one gathers. Settle, Release and what else frees capacity goes
// before what holds. Thread-safe.
class Dispatcher {
 public:
  // Called once, on any thread, with one result per operation in order.
  using Done = absl::AnyInvocable<void(std::vector<OperationResult>)>;

  // All must outlive the dispatcher. `denials` may be null.
  Dispatcher(Store& store, Clock& clock, DenialSink* denials,
             const DispatcherOptions& options);

  // Finishes what was submitted, then stops.
  ~Dispatcher();

  // Runs `operations`, which may concern several roots; those of one root run
  // in this order, in one transaction. A submission that finds its queue full
  // is refused with kOverloaded, one whose `deadline` (replica clock) passes
  // before its transaction begins with kDeadlineExceeded, both before any
  // database work. A storage failure gives kStorageUnavailable: the effect is
  // then unknown, and the same call again tells. A root whose invariants are
  // broken is stopped for the life of this dispatcher: kInvariantBroken. After
  // Drain: kDraining.
  void Submit(std::vector<Operation> operations, absl::Time deadline,
              Done done);

  // Refuses new submissions from now on and returns when all earlier ones have
  // been answered.
  void Drain();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace budget

#endif  // BUDGET_LANE_DISPATCHER_H_
