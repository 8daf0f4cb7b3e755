#ifndef BUDGET_TESTS_RPC_KEPT_CALLS_H_
#define BUDGET_TESTS_RPC_KEPT_CALLS_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/rpc/call_log.h"

namespace budget::testing {

// Keeps the reports of all calls. Thread-safe.
class KeptCalls final : public CallLog {
 public:
  bool Wants(const CallEnd&) override { return true; }
  void Log(const CallReport& report) override {
    absl::MutexLock lock(&mutex_);
    reports_.push_back(report);
  }
  std::vector<CallReport> all() {
    absl::MutexLock lock(&mutex_);
    return reports_;
  }
  CallReport last() {
    absl::MutexLock lock(&mutex_);
    return reports_.empty() ? CallReport() : reports_.back();
  }

 private:
  absl::Mutex mutex_;
  std::vector<CallReport> reports_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_RPC_KEPT_CALLS_H_
