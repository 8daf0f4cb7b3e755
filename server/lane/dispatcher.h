#ifndef BUDGET_LANE_DISPATCHER_H_
#define BUDGET_LANE_DISPATCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
#include "server/lane/meters.h"

namespace budget {

// An outcome with what it refers to.
struct OperationResult {
  Outcome outcome;
  // Names of the allocations and limits in `outcome`. Null where the operation
  // never reached the store: then `outcome` is a refusal that names none.
  std::shared_ptr<const WorkingSet> set;
  absl::Time read_time;  // the database clock; InfinitePast without a set
};

// What operations do to capacity: those that only free or record go first, and
// have room of their own. Together, one that holds makes all of them hold.
enum class Effect { kHolds, kOnlyFrees };

// Who calls: whoever has the same number is one. Of what there is not enough
// of, each has an equal share.
using CallerId = uint64_t;
inline constexpr CallerId kTheService = 0;  // by itself: it sweeps

struct DispatcherOptions {
  // Threads, and so store transactions, at a time.
  int workers = 4;
  // Operations in one transaction, at most. One submission is not split for
  // this, so a batch may exceed it by up to one submission.
  int batch_operations_max = 512;
  // Bounds, each once for what holds and once for what only frees; what comes
  // beyond is shed. Operations that wait in one lane, of each caller in equal
  // parts:
  int queue_operations_max = 10'000;
  // How long what holds may be expected to wait there; the very next batch is
  // open to it in any case. No operation may be expected to wait longer than
  // half the time until its deadline.
  absl::Duration queue_wait_max = absl::Milliseconds(100);
  // What is inside and not answered, in all lanes: operations, and bytes as
  // submitted.
  int64_t inside_operations_max = 30'000;
  int64_t inside_bytes_max = 256 << 20;
  // How long the refusals of a caller who crowds out others are kept back: who
  // calls again at once would keep everybody busy with refusals. Half the time
  // until their deadline at most, and up to a quarter of what may be inside.
  absl::Duration refusal_wait = absl::Seconds(2);
  DecideOptions decide;
  // Told when a root is stopped because an invariant of it is broken: somebody
  // must look. Called on a worker.
  std::function<void(absl::string_view root, const absl::Status& why)>
      on_broken;
  // Filled in if given; shared with whoever shows it.
  std::shared_ptr<LaneMeters> meters;
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

  struct Terms {
    absl::Time deadline;  // replica clock
    int64_t bytes = 0;    // about what the operations take up
    CallerId caller = kTheService;
  };

  // Runs `operations`, which may concern several roots; those of one root run
  // in this order, in one transaction unless the store has no room for it. What
  // is past a bound is refused with kOverloaded, what is past its deadline
  // before its batch is closed with kDeadlineExceeded, and neither is worked on.
  // A storage failure gives kStorageUnavailable: the effect is then unknown, and
  // the same call again tells. A root whose invariants are broken is stopped for
  // the life of this dispatcher: kInvariantBroken. After Drain: kDraining.
  void Submit(std::vector<Operation> operations, const Terms& terms, Done done);

  // What Submit would answer now to everything of this kind; nullopt where it
  // depends. Costs next to nothing: ask before working on a call.
  std::optional<Refusal> RefusalAtTheDoor(Effect effect);

  // Refuses new submissions from now on and returns when all earlier ones have
  // been answered.
  void Drain();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace budget

#endif  // BUDGET_LANE_DISPATCHER_H_
