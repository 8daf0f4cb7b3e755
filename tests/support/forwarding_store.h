#ifndef BUDGET_TESTS_SUPPORT_FORWARDING_STORE_H_
#define BUDGET_TESTS_SUPPORT_FORWARDING_STORE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/domain/store.h"

namespace budget::testing {

// Does as the store it wraps: what a decorator leaves alone.
class ForwardingStore : public Store {
 public:
  explicit ForwardingStore(Store& base) : base_(base) {}

  int lanes() const override { return base_.lanes(); }
  Turn AwaitTurn(int lane, absl::Time deadline) override {
    return base_.AwaitTurn(lane, deadline);
  }
  absl::Status Transact(
      Turn turn, absl::Span<const LoadPlan> plans,
      absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
      absl::Time deadline) override {
    return base_.Transact(std::move(turn), plans, decide, deadline);
  }
  absl::StatusOr<Snapshot> Read(const LoadPlan& plan) override {
    return base_.Read(plan);
  }
  absl::StatusOr<Page<Allocation>> ListAllocations(
      const AllocationFilter& filter) override {
    return base_.ListAllocations(filter);
  }
  absl::StatusOr<Page<Reservation>> ListReservations(
      const ReservationFilter& filter) override {
    return base_.ListReservations(filter);
  }
  absl::StatusOr<Page<LedgerEntry>> ListLedger(
      const LedgerFilter& filter) override {
    return base_.ListLedger(filter);
  }
  absl::StatusOr<Page<DenialCount>> ListDenials(
      const DenialFilter& filter) override {
    return base_.ListDenials(filter);
  }
  absl::StatusOr<PriceTable> ReadPrices(absl::string_view root,
                                        int64_t version) override {
    return base_.ReadPrices(root, version);
  }
  absl::Status AddDenials(absl::Span<const DenialCount> counts) override {
    return base_.AddDenials(counts);
  }
  absl::StatusOr<std::vector<std::string>> RootsDue(int max) override {
    return base_.RootsDue(max);
  }
  absl::StatusOr<std::map<std::string, int64_t>> LastSequences(
      absl::Span<const std::string> roots) override {
    return base_.LastSequences(roots);
  }
  absl::StatusOr<std::vector<std::string>> Roots(absl::string_view after,
                                                 int max) override {
    return base_.Roots(after, max);
  }
  absl::StatusOr<OpenHolds> ReadOpenHolds() override {
    return base_.ReadOpenHolds();
  }
  absl::StatusOr<absl::Duration> LongestDue() override {
    return base_.LongestDue();
  }
  absl::StatusOr<int64_t> PurgeEnded(absl::Duration retention,
                                     int max) override {
    return base_.PurgeEnded(retention, max);
  }
  absl::StatusOr<SealProgress> SealLedgers(
      const std::string& after_root) override {
    return base_.SealLedgers(after_root);
  }
  absl::StatusOr<SealedHead> ReadSealed(absl::string_view root) override {
    return base_.ReadSealed(root);
  }
  absl::StatusOr<VerifyReport> Verify(absl::string_view root,
                                      KnownElsewhere elsewhere) override {
    return base_.Verify(root, std::move(elsewhere));
  }
  absl::Status Ping() override { return base_.Ping(); }

 protected:
  Store& base() { return base_; }

 private:
  Store& base_;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_SUPPORT_FORWARDING_STORE_H_
