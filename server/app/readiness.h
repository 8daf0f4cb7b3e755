#ifndef BUDGET_APP_READINESS_H_
#define BUDGET_APP_READINESS_H_

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/base/meter.h"

namespace budget {

// Whether calls should be sent here, and if not, why not in words: what
// /readyz and the gRPC health service say. Not at first. Thread-safe.
class Readiness {
 public:
  // `shown` must outlive this.
  explicit Readiness(Gauge& shown) : shown_(shown) {}

  void SetReady() { Set(""); }
  // `why` is not empty.
  void SetNotReady(std::string why) { Set(std::move(why)); }

  // Not ready any more, whatever is said later.
  void SetDraining() {
    Set("draining: this replica is stopping");
    absl::MutexLock lock(&mutex_);
    draining_ = true;
  }

  // Empty: ready.
  std::string WhyNot() const {
    absl::MutexLock lock(&mutex_);
    return why_not_;
  }

 private:
  void Set(std::string why_not) {
    absl::MutexLock lock(&mutex_);
    if (draining_) return;
    why_not_ = std::move(why_not);
    shown_.Set(why_not_.empty() ? 1 : 0);
  }

  Gauge& shown_;
  mutable absl::Mutex mutex_;
  std::string why_not_ ABSL_GUARDED_BY(mutex_) =
      "starting: the database is not open yet";
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace budget

#endif  // BUDGET_APP_READINESS_H_
