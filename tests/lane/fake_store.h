#ifndef BUDGET_TESTS_LANE_FAKE_STORE_H_
#define BUDGET_TESTS_LANE_FAKE_STORE_H_

#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "server/domain/store.h"

namespace budget {

// A store without contents that tells what transactions were asked of it, can
// keep them waiting, and fails on demand. Thread-safe.
class FakeStore final : public Store {
 public:
  struct Transaction {
    int lane = 0;
    std::vector<std::string> roots;
    std::vector<Uuid> reservations;  // of all plans
  };

  int lanes() const override { return 4; }

  // Takes as long as somebody else has the turn.
  Turn AwaitTurn(int lane, absl::Time) override {
    absl::MutexLock lock(&mutex_);
    ++turns_asked_;
    mutex_.Await(absl::Condition(
        +[](bool* taken) { return !*taken; }, &turn_taken_));
    ++turns_held_;
    return Turn(lane, std::make_unique<Hold>(*this));
  }
  int turns_asked() {
    absl::MutexLock lock(&mutex_);
    return turns_asked_;
  }
  // Given, and neither used up nor destroyed.
  int turns_held() {
    absl::MutexLock lock(&mutex_);
    return turns_held_;
  }

  // Somebody else has the turn, until GiveTurn.
  void TakeTurn() {
    absl::MutexLock lock(&mutex_);
    turn_taken_ = true;
  }
  void GiveTurn() {
    absl::MutexLock lock(&mutex_);
    turn_taken_ = false;
  }

  // Waits until a turn has been asked for `count` times.
  void AwaitTurnsAsked(int count) {
    absl::MutexLock lock(&mutex_);
    const auto asked = [&] { return turns_asked_ >= count; };
    mutex_.Await(absl::Condition(&asked));
  }

  absl::Status Transact(
      Turn turn, absl::Span<const LoadPlan> plans,
      absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
      absl::Time /*deadline*/) override {
    Transaction transaction{.lane = turn.lane()};
    WorkingSets sets;
    for (const LoadPlan& plan : plans) {
      transaction.roots.push_back(plan.root);
      transaction.reservations.insert(transaction.reservations.end(),
                                      plan.reservations.begin(),
                                      plan.reservations.end());
      sets.push_back(std::make_shared<WorkingSet>());
    }
    const absl::Status status = Enter(transaction);
    if (status.ok()) decide(sets, absl::FromUnixSeconds(1'800'000'000));
    return status;
  }

  // Keeps transactions waiting until Open.
  void Close() {
    absl::MutexLock lock(&mutex_);
    open_ = false;
  }
  void Open() {
    absl::MutexLock lock(&mutex_);
    open_ = true;
  }

  // Waits until `count` transactions have begun.
  void AwaitBegun(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto begun = [&] { return transactions_.size() >= count; };
    mutex_.Await(absl::Condition(&begun));
  }

  // Transactions that concern `root` fail with `status`.
  void Fail(const std::string& root, absl::Status status) {
    absl::MutexLock lock(&mutex_);
    failures_[root] = std::move(status);
  }

  // Only the first that has room for it does.
  void FailOnce(const std::string& root, absl::Status status) {
    Fail(root, std::move(status));
    absl::MutexLock lock(&mutex_);
    fails_once_ = true;
  }

  // Transactions that concern more reservations than this are too large.
  void HaveRoomFor(size_t reservations) {
    absl::MutexLock lock(&mutex_);
    room_ = reservations;
  }
  // So many transactions are too large, and no more.
  void HaveNoRoomFor(int transactions) {
    absl::MutexLock lock(&mutex_);
    without_room_ = transactions;
  }

  std::vector<Transaction> transactions() {
    absl::MutexLock lock(&mutex_);
    return transactions_;
  }
  std::vector<DenialCount> denials() {
    absl::MutexLock lock(&mutex_);
    return denials_;
  }
  void FailDenials(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    denials_status_ = std::move(status);
  }
  // `times`: then nothing is due any more.
  void SetRootsDue(std::vector<std::string> roots, int times = 1) {
    absl::MutexLock lock(&mutex_);
    roots_due_ = std::move(roots);
    times_due_ = times;
  }

  absl::Status AddDenials(absl::Span<const DenialCount> counts) override {
    absl::MutexLock lock(&mutex_);
    if (!denials_status_.ok()) return denials_status_;
    denials_.insert(denials_.end(), counts.begin(), counts.end());
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<std::string>> RootsDue(int) override {
    absl::MutexLock lock(&mutex_);
    if (times_due_-- <= 0) return std::vector<std::string>();
    return roots_due_;
  }
  absl::StatusOr<Snapshot> Read(const LoadPlan&) override { return Nothing(); }
  absl::StatusOr<Page<Allocation>> ListAllocations(
      const AllocationFilter&) override {
    return Nothing();
  }
  absl::StatusOr<Page<Reservation>> ListReservations(
      const ReservationFilter&) override {
    return Nothing();
  }
  absl::StatusOr<Page<LedgerEntry>> ListLedger(const LedgerFilter&) override {
    return Nothing();
  }
  absl::StatusOr<Page<DenialCount>> ListDenials(const DenialFilter&) override {
    return Nothing();
  }
  absl::StatusOr<PriceTable> ReadPrices(absl::string_view, int64_t) override {
    return Nothing();
  }
  absl::StatusOr<std::map<std::string, int64_t>> LastSequences(
      absl::Span<const std::string>) override {
    return Nothing();
  }
  absl::StatusOr<std::vector<std::string>> Roots(absl::string_view,
                                                 int) override {
    return Nothing();
  }
  absl::StatusOr<OpenHolds> ReadOpenHolds() override { return Nothing(); }
  absl::StatusOr<absl::Duration> LongestDue() override { return Nothing(); }
  absl::StatusOr<int64_t> PurgeEnded(absl::Duration, int) override {
    return Nothing();
  }
  absl::StatusOr<SealProgress> SealLedgers(const std::string&) override {
    return Nothing();
  }
  absl::StatusOr<SealedHead> ReadSealed(absl::string_view) override {
    return Nothing();
  }
  absl::StatusOr<VerifyReport> Verify(absl::string_view,
                                      KnownElsewhere) override {
    return Nothing();
  }
  absl::Status Ping() override { return absl::OkStatus(); }

 private:
  class Hold final : public Turn::Hold {
   public:
    explicit Hold(FakeStore& store) : store_(store) {}
    ~Hold() override {
      absl::MutexLock lock(&store_.mutex_);
      --store_.turns_held_;
    }

   private:
    FakeStore& store_;
  };

  static absl::Status Nothing() { return absl::NotFoundError("nothing here"); }

  absl::Status Enter(const Transaction& transaction) {
    absl::MutexLock lock(&mutex_);
    transactions_.push_back(transaction);
    mutex_.Await(absl::Condition(&open_));
    if (without_room_-- > 0 || transaction.reservations.size() > room_) {
      return absl::ResourceExhaustedError("there is no room");
    }
    for (const std::string& root : transaction.roots) {
      const auto failure = failures_.find(root);
      if (failure == failures_.end()) continue;
      const absl::Status status = failure->second;
      if (fails_once_) failures_.erase(failure);
      return status;
    }
    return absl::OkStatus();
  }

  absl::Mutex mutex_;
  bool open_ = true;
  bool turn_taken_ = false;
  int turns_asked_ = 0;
  int turns_held_ = 0;
  std::vector<Transaction> transactions_;
  std::map<std::string, absl::Status> failures_;
  bool fails_once_ = false;
  int64_t without_room_ = 0;
  size_t room_ = std::numeric_limits<size_t>::max();
  std::vector<DenialCount> denials_;
  absl::Status denials_status_;
  std::vector<std::string> roots_due_;
  int times_due_ = 0;
};

}  // namespace budget

#endif  // BUDGET_TESTS_LANE_FAKE_STORE_H_
