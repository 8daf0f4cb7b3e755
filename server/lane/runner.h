#ifndef BUDGET_LANE_RUNNER_H_
#define BUDGET_LANE_RUNNER_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/lane/batch.h"
#include "server/lane/dispatcher.h"
#include "server/lane/meters.h"
#include "server/lane/pieces.h"
#include "server/lane/submission.h"

namespace budget {

// Runs what a lane takes in one turn, and remembers the roots that are stopped
// by a broken invariant. Thread-safe.
class Runner {
 public:
  // `store` and `clock` must outlive this.
  Runner(Store& store, Clock& clock, const DispatcherOptions& options,
         std::shared_ptr<LaneMeters> meters)
      : store_(store),
        clock_(clock),
        options_(options),
        meters_(std::move(meters)) {}

  // Fills every result of `parts`, until the latest of their deadlines.
  void Run(Turn turn, absl::Span<const Part> parts);

 private:
  // Runs the first piece, or divides it.
  void RunFirst(Turn turn, absl::Time deadline, Pieces& pieces);
  absl::Status RunOnceThereIsRoom(int lane, absl::Time deadline,
                                  absl::Span<const RootBatch> batches,
                                  const absl::Status& no_room);
  // Then it is refused.
  bool IsStopped(const RootBatch& batch);
  void Stop(const std::string& root, const absl::Status& why);

  Store& store_;
  Clock& clock_;
  const DispatcherOptions options_;
  const std::shared_ptr<LaneMeters> meters_;
  absl::Mutex mutex_;
  absl::flat_hash_set<std::string> stopped_roots_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_LANE_RUNNER_H_
