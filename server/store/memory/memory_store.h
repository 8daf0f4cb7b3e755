#ifndef BUDGET_STORE_MEMORY_MEMORY_STORE_H_
#define BUDGET_STORE_MEMORY_MEMORY_STORE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/domain/store.h"
#include "server/store/memory/memory_root.h"

namespace budget {

// What befalls a transaction that has been decided.
enum class Fault {
  kNone,
  kLoseBeforeCommit,  // nothing was written; it is tried again
  kUnavailable,       // nothing was written and the call fails
};

struct MemoryOptions {
  // The database clock; must not be null. Called under the store's lock.
  std::function<absl::Time()> clock;
  // Asked at each commit of changes; null: never a fault.
  std::function<Fault()> fault;
  // Told what each commit changed in a root, in the order of commits; may be
  // null. Called under the store's lock.
  std::function<void(const WorkingSet& set, absl::Time now)> on_commit;
  int lanes = 16;
  int64_t due_per_transaction_max = 2000;
};

// The store in memory, for simulations and tests: the twin of the one on
// PostgreSQL in all that the contract says, the guard of the caps included.
// Transactions run one after the other. Thread-safe.
class MemoryStore final : public Store {
 public:
  explicit MemoryStore(MemoryOptions options);
  ~MemoryStore() override;

  int lanes() const override { return options_.lanes; }
  Turn AwaitTurn(int lane, absl::Time) override { return lane; }
  absl::Status Transact(
      Turn turn, absl::Span<const LoadPlan> plans,
      absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
      absl::Time deadline) override;
  absl::StatusOr<Snapshot> Read(const LoadPlan& plan) override;
  absl::StatusOr<Page<Allocation>> ListAllocations(
      const AllocationFilter& filter) override;
  absl::StatusOr<Page<Reservation>> ListReservations(
      const ReservationFilter& filter) override;
  absl::StatusOr<Page<LedgerEntry>> ListLedger(
      const LedgerFilter& filter) override;
  absl::StatusOr<Page<DenialCount>> ListDenials(
      const DenialFilter& filter) override;
  absl::StatusOr<PriceTable> ReadPrices(absl::string_view root,
                                        int64_t version) override;
  absl::Status AddDenials(absl::Span<const DenialCount> counts) override;
  absl::StatusOr<std::vector<std::string>> RootsDue(int max) override;
  absl::StatusOr<std::map<std::string, int64_t>> LastSequences(
      absl::Span<const std::string> roots) override;
  absl::StatusOr<std::vector<std::string>> Roots(absl::string_view after,
                                                 int max) override;
  absl::StatusOr<OpenHolds> ReadOpenHolds() override;
  absl::StatusOr<absl::Duration> LongestDue() override;
  absl::StatusOr<int64_t> PurgeEnded(absl::Duration retention,
                                     int max) override;
  absl::StatusOr<SealProgress> SealLedgers(
      const std::string& after_root) override;
  absl::StatusOr<SealedHead> ReadSealed(absl::string_view root) override;
  absl::StatusOr<VerifyReport> Verify(absl::string_view root,
                                      KnownElsewhere elsewhere) override;
  absl::Status Ping() override { return absl::OkStatus(); }

 private:
  enum class Attempt { kDone, kAgain };

  Attempt TryTransact(
      absl::Span<const LoadPlan> plans,
      absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
      absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Attempt Commit(const WorkingSets& sets, absl::Time now, absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The clock, but never before the last change of a root of `plans`.
  absl::Time NowFor(absl::Span<const LoadPlan> plans) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const MemoryRoot* Find(absl::string_view root) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const MemoryOptions options_;
  mutable absl::Mutex mutex_;
  std::map<std::string, MemoryRoot, std::less<>> roots_
      ABSL_GUARDED_BY(mutex_);
  DenialTotals denials_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_STORE_MEMORY_MEMORY_STORE_H_
