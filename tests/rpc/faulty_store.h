#ifndef BUDGET_TESTS_RPC_FAULTY_STORE_H_
#define BUDGET_TESTS_RPC_FAULTY_STORE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/domain/store.h"
#include "tests/support/forwarding_store.h"

namespace budget::testing {

// A store that fails on demand, and otherwise does as the one it wraps.
class FaultyStore final : public ForwardingStore {
 public:
  explicit FaultyStore(Store& store) : ForwardingStore(store) {}

  // Every call fails with `status` from now on; OK ends it.
  void FailWith(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    failure_ = status;
  }

  absl::Status Transact(
      Turn turn, absl::Span<const LoadPlan> plans,
      absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
      absl::Time deadline) override {
    if (absl::Status status = Failure(); !status.ok()) return status;
    return base().Transact(std::move(turn), plans, decide, deadline);
  }
  absl::StatusOr<Snapshot> Read(const LoadPlan& plan) override {
    if (absl::Status status = Failure(); !status.ok()) return status;
    return base().Read(plan);
  }
  absl::StatusOr<Page<Allocation>> ListAllocations(
      const AllocationFilter& filter) override {
    if (absl::Status status = Failure(); !status.ok()) return status;
    return base().ListAllocations(filter);
  }
  absl::StatusOr<Page<Reservation>> ListReservations(
      const ReservationFilter& filter) override {
    if (absl::Status status = Failure(); !status.ok()) return status;
    return base().ListReservations(filter);
  }
  absl::StatusOr<Page<LedgerEntry>> ListLedger(
      const LedgerFilter& filter) override {
    if (absl::Status status = Failure(); !status.ok()) return status;
    return base().ListLedger(filter);
  }
  absl::StatusOr<Page<DenialCount>> ListDenials(
      const DenialFilter& filter) override {
    if (absl::Status status = Failure(); !status.ok()) return status;
    return base().ListDenials(filter);
  }
  absl::StatusOr<PriceTable> ReadPrices(absl::string_view root,
                                        int64_t version) override {
    if (absl::Status status = Failure(); !status.ok()) return status;
    return base().ReadPrices(root, version);
  }
  absl::StatusOr<std::map<std::string, int64_t>> LastSequences(
      absl::Span<const std::string> roots) override {
    if (absl::Status status = Failure(); !status.ok()) return status;
    return base().LastSequences(roots);
  }
  absl::StatusOr<SealedHead> ReadSealed(absl::string_view root) override {
    if (absl::Status status = Failure(); !status.ok()) return status;
    return base().ReadSealed(root);
  }
  absl::StatusOr<VerifyReport> Verify(absl::string_view root,
                                      KnownElsewhere elsewhere) override {
    if (absl::Status status = Failure(); !status.ok()) return status;
    return base().Verify(root, std::move(elsewhere));
  }
  absl::Status Ping() override { return Failure(); }

 private:
  absl::Status Failure() {
    absl::MutexLock lock(&mutex_);
    return failure_;
  }

  absl::Mutex mutex_;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_RPC_FAULTY_STORE_H_
