#ifndef BUDGET_LANE_DENIAL_LOG_H_
#define BUDGET_LANE_DENIAL_LOG_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/domain/denial_count.h"
#include "server/lane/dispatcher.h"

namespace budget {

// Gathers denial counts in memory, for a periodic Flush into the store: what
// was not flushed is lost in a crash, as denials are not money. Thread-safe.
class DenialLog final : public DenialSink {
 public:
  // `store` must outlive this.
  explicit DenialLog(Store& store) : store_(store) {}

  // Counts each violated limit of a denial; a denial without one counts for
  // the allocation it names. Does nothing for other results.
  void Record(const OperationResult& result,
              const Operation& operation) override;

  // Writes what has been gathered. On failure it is kept for the next time.
  absl::Status Flush();

 private:
  Store& store_;
  absl::Mutex mutex_;
  DenialTotals counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_LANE_DENIAL_LOG_H_
