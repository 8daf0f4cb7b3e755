#ifndef BUDGET_TESTS_CHAOS_ONLINE_AUDIT_H_
#define BUDGET_TESTS_CHAOS_ONLINE_AUDIT_H_

#include <atomic>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/chaos/verdicts.h"

namespace budget::chaos {

// Follows the ledgers while they grow, folds them as they come and compares the
// counters of the same moment, so that a cap that is passed or a counter that
// strays shows within a second, whatever is made of it later.
// Begins anew at each database: a standby may lack what was visible before and
// had been acknowledged to nobody. Thread-safe.
class OnlineAudit {
 public:
  explicit OnlineAudit(std::string uri);
  ~OnlineAudit();

  void Follow(std::string uri);

  // Looks a last time, while the database is up, and returns what was found in
  // all of them.
  Verdicts Finish();

  // After Finish: the roots that were looked at before it, and that last time.
  std::set<std::string> looked_at();

 private:
  struct Folds;

  void Run();
  void LookAtAll(Folds& folds, std::set<std::string>& seen);

  absl::Mutex mutex_;
  std::string uri_ ABSL_GUARDED_BY(mutex_);
  Verdicts verdicts_ ABSL_GUARDED_BY(mutex_);  // of databases it has left
  std::set<std::string> looked_at_ ABSL_GUARDED_BY(mutex_);
  std::atomic<int> generation_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_ONLINE_AUDIT_H_
