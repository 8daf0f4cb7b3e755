#ifndef BUDGET_STORE_MEMORY_MEMORY_ACCESS_STORE_H_
#define BUDGET_STORE_MEMORY_MEMORY_ACCESS_STORE_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/access/access_store.h"

namespace budget {

// Grants and tokens in memory, for tests: the twin of the store on PostgreSQL.
// Thread-safe.
class MemoryAccessStore final : public AccessStore {
 public:
  // The database clock; must not be null.
  explicit MemoryAccessStore(std::function<absl::Time()> clock)
      : clock_(std::move(clock)) {}

  absl::StatusOr<AccessHead> ReadHead() override;
  absl::StatusOr<AccessRecords> ReadAll() override;
  absl::Status Apply(absl::Span<const AccessChange> changes,
                     absl::string_view actor) override;
  absl::StatusOr<std::vector<AccessLogEntry>> ListLog(int64_t sequence,
                                                      int max) override;

 private:
  class Change;

  AccessHead Head() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const std::function<absl::Time()> clock_;
  absl::Mutex mutex_;
  std::set<Grant> grants_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, TokenRecord> tokens_ ABSL_GUARDED_BY(mutex_);
  std::vector<AccessLogEntry> log_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_STORE_MEMORY_MEMORY_ACCESS_STORE_H_
