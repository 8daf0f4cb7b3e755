#ifndef BUDGET_TESTS_MODEL_MODEL_H_
#define BUDGET_TESTS_MODEL_MODEL_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/uuid.h"
#include "server/domain/allocation.h"
#include "server/domain/amounts.h"
#include "server/domain/limit.h"
#include "server/domain/operation.h"
#include "server/domain/reason.h"
#include "server/domain/reservation.h"

namespace budget::model {

// An independent, naive account of the rules of design.md: it keeps plain
// lists of reservations and of balance adjustments and answers every question
// by summing over them. It shares with the engine the words and the calendar,
// no arithmetic on money. One model is one root.

// The tally of one limit in one window, summed anew each time.
struct Sums {
  int64_t spent = 0;
  int64_t reserved = 0;
  int64_t overage = 0;
  int64_t unpriced = 0;

  friend bool operator==(const Sums&, const Sums&) = default;
};

// Usage of one limit that no reservation pinned to it explains: what was there
// before the limit, and adjustments of the balance.
struct Fact {
  WindowKey window = 0;
  Sums sums;
};

struct ModelLimit {
  std::string path;
  LimitSpec spec;
  bool removed = false;
  std::vector<Fact> facts;

  int64_t Cap() const {
    return removed ? kAmountMax : spec.cap.value_or(kAmountMax);
  }
  bool IsRolling() const { return spec.window.kind == WindowKind::kRolling; }
};

// An index into the list of limits, and a window.
using ModelPin = std::pair<int, WindowKey>;

struct ModelReservation {
  ReservePayload payload;
  std::vector<ModelPin> pins;
  Amounts requested, granted, held, spent, overage, reported;
  ReservationState state = ReservationState::kOpen;
  OnExpiry on_expiry = OnExpiry::kRelease;
  bool usage_final = false;
  bool final_by_release = false;
  bool settled_late = false;
  bool unpriced = false;
  bool counted_unpriced = false;
  int64_t price_version = 0;
  absl::Time created_at, expires_at;
  std::optional<absl::Time> ended_at;
  std::vector<std::pair<int, int>> crossed;  // limit, percent
};

struct ModelAllocation {
  Policies policies;
  std::string display_name;
  std::map<std::string, std::string> labels;
  bool frozen = false;
  bool archived = false;
  int64_t version = 1;
};

struct ModelViolation {
  int limit = 0;
  Reason reason = Reason::kBudgetExhausted;
  int64_t affordable = 0;
  std::optional<absl::Duration> retry_after;
};

// What the model expects of one operation.
struct Prediction {
  std::optional<Reason> refusal;
  std::string field;  // kIdempotencyMismatch and kInvalidField
  std::vector<ModelViolation> violations;
  std::optional<absl::Duration> retry_after;
  std::optional<Amounts> affordable;
  std::optional<ModelReservation> reservation;
  std::vector<std::pair<int, int>> crossed;  // sorted
  bool replayed = false;

  static Prediction Refuse(Reason reason, std::string field = "") {
    Prediction prediction;
    prediction.refusal = reason;
    prediction.field = std::move(field);
    return prediction;
  }
};

class Model {
 public:
  explicit Model(absl::Duration retention) : retention_(retention) {}

  Prediction Run(const Operation& operation, absl::Time now);

  // Ends what is due at `now`.
  void Expire(absl::Time now);
  bool AnyDue(absl::Time now) const;

  // Forgets the reservations with version 7 ids that ended before `before`, as
  // the store does; their usage stays. Returns how many.
  int64_t Purge(absl::Time before);

  Sums SumsOf(int limit, WindowKey window, absl::Time now) const;
  std::optional<int64_t> RemainingOf(int limit, absl::Time now) const;
  // Limits in force on the chain, root first, then by name.
  std::vector<int> ChainLimits(absl::string_view path) const;

  const std::vector<ModelLimit>& limits() const { return limits_; }
  const std::map<std::string, ModelAllocation>& allocations() const {
    return allocations_;
  }
  const std::map<Uuid, ModelReservation>& reservations() const {
    return reservations_;
  }
  int64_t price_version() const { return prices_.size(); }
  // Whether a whole chain was credited: then what a new limit starts from is
  // not for this model to say.
  bool credited_chain() const { return credited_chain_; }

 private:
  // What one operation needs of one limit.
  struct Demand {
    int limit = 0;
    WindowKey window = 0;
    int64_t amount = 0;
  };
  using Usages = std::map<int, int64_t>;  // limit to everything counted

  // One for each kind of operation, in model_calls.cc and model_admin.cc.
  Prediction On(const Reserve& op);
  Prediction On(const RecordUsage& op);
  Prediction On(const AdjustReservation& op);
  Prediction On(const Settle& op);
  Prediction On(const Release& op);
  Prediction On(const Sweep& op);
  Prediction On(const CreateAllocation& op);
  Prediction On(const UpdateAllocation& op);
  Prediction On(const ArchiveAllocation& op);
  Prediction On(const SetLimit& op);
  Prediction On(const RemoveLimit& op);
  Prediction On(const Freeze& op);
  Prediction On(const Unfreeze& op);
  Prediction On(const AdjustBalance& op);
  Prediction On(const TransferCap& op);
  Prediction On(const SetPrices& op);

  std::optional<Prediction> KnownRequest(const Operation& op) const;

  // What stands in the way of a reservation before any budget is asked.
  std::optional<Prediction> Known(const Uuid& id,
                                  const ReservePayload& payload) const;
  std::optional<Reason> Blocked(const std::vector<std::string>& paths) const;
  std::vector<int> LimitsFor(const std::vector<std::string>& paths) const;
  bool HasUsdCap(absl::string_view path) const;
  template <typename T>
  T Effective(absl::string_view path, T Policies::*field, T fallback) const;
  // The policy for unknown costs with its charge.
  std::pair<UnpricedPolicy, int64_t> UnpricedAt(absl::string_view path) const;
  std::optional<int64_t> Price(const ModelUsage& usage, int64_t version) const;
  int64_t FixedCharge(const std::vector<std::string>& paths) const;
  bool DeniesUnpriced(const std::vector<std::string>& paths) const;

  // Budget checks.
  std::optional<ModelViolation> Check(const Demand& demand) const;
  int64_t Affordable(int limit, WindowKey window) const;
  std::optional<absl::Duration> RollingWait(const Demand& demand) const;
  Prediction Deny(std::vector<ModelViolation> violations,
                  const std::vector<Demand>& all, const Amounts& asked) const;

  // Usage.
  void Book(ModelReservation& reservation, Unit unit, int64_t total);
  void KeepAboveZero(const ModelReservation& reservation, Unit unit);
  int64_t Headroom(const ModelReservation& reservation, Unit unit) const;
  int64_t UnknownCost(const ModelReservation& reservation) const;
  Amounts ResolveActual(const Settle& op, const ModelReservation& reservation,
                        bool& unknown) const;

  Usages UsagesOf(const std::vector<ModelPin>& pins) const;
  std::vector<std::pair<int, int>> CrossedSince(
      const std::vector<ModelPin>& pins, const Usages& before) const;

  // Limits.
  void AddLimit(const std::string& path, const LimitSpec& spec);
  int FindLimit(absl::string_view path, absl::string_view name) const;
  bool BlocksOverage(int limit) const;
  std::optional<Prediction> CheckSide(const TransferCap::Side& side,
                                      std::string field, Unit unit) const;
  Sums SumsInBucket(int limit, WindowKey window) const;
  Prediction Debit(const AdjustBalance& op, const std::vector<int>& targets);
  Prediction CreditAll(const AdjustBalance& op,
                       const std::vector<int>& targets);
  void Credit(int limit, int64_t amount);
  void KeepUsageOf(const ModelReservation& reservation);
  bool IsLive(int limit, WindowKey window, absl::Time now) const;

  const absl::Duration retention_;
  absl::Time now_;
  std::map<std::string, ModelAllocation> allocations_;
  std::vector<ModelLimit> limits_;
  std::map<Uuid, ModelReservation> reservations_;
  std::map<Uuid, Operation> requests_;
  std::vector<std::map<std::string, ModelPrice>> prices_;
  // Adjustments of whole chains, which limits added later count too.
  struct ChainAdjustment {
    std::string path;
    Unit unit;
    absl::Time at;
    int64_t spent = 0;
    int64_t overage = 0;
  };
  std::vector<ChainAdjustment> chain_adjustments_;
  std::vector<ModelReservation> purged_;
  bool credited_chain_ = false;
};

}  // namespace budget::model

#endif  // BUDGET_TESTS_MODEL_MODEL_H_
