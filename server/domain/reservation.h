#ifndef BUDGET_DOMAIN_RESERVATION_H_
#define BUDGET_DOMAIN_RESERVATION_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/base/shared.h"
#include "server/base/uuid.h"
#include "server/domain/allocation.h"
#include "server/domain/amounts.h"
#include "server/domain/limit.h"
#include "server/domain/prices.h"

namespace budget {

// Stored in the database: never renumber.
enum class ReservationState : int {
  kOpen = 1,
  kSettled = 2,
  kReleased = 3,
  kExpired = 4,
};

// What made the reservation; stored in the database: never renumber.
enum class ReservationOrigin : int { kReserve = 1, kRecordUsage = 2 };

inline constexpr absl::Duration kTtlDefault = absl::Minutes(10);
inline constexpr absl::Duration kTtlMin = absl::Seconds(1);
inline constexpr absl::Duration kTtlMax = absl::Hours(24);
inline constexpr int kReservationAllocationsMax = 8;
inline constexpr int kTagsMax = 16;

// What the caller asked for, as given: a repeat must say the same.
struct ReservePayload {
  ReservationOrigin origin = ReservationOrigin::kReserve;
  std::vector<std::string> allocations;  // paths, in the caller's order
  PartialAmounts amounts;
  std::optional<PartialAmounts> minimum;
  absl::Duration ttl = kTtlDefault;  // kReserve only
  std::map<std::string, std::string> tags;
  OnExpiry on_expiry = OnExpiry::kInherit;
  bool usd_unknown = false;
  std::optional<ModelUsage> usage;

  friend bool operator==(const ReservePayload&,
                         const ReservePayload&) = default;
};

// The name of the first field in which the two differ, as the API spells it;
// empty if they are equal.
std::string FirstDifference(const ReservePayload& a, const ReservePayload& b);

// Warning thresholds reached, in order.
struct Crossing {
  LimitId limit = 0;
  int warn_percent = 0;

  friend bool operator==(const Crossing&, const Crossing&) = default;
};

// What is fixed when a reservation is made.
struct ReservationTerms {
  Uuid id;
  Shared<ReservePayload> payload;
  SharedList<AllocationId> allocation_ids;  // of payload.allocations
  Amounts requested;  // payload.amounts with defaults and price
  Amounts granted;    // what Reserve held
  OnExpiry on_expiry = OnExpiry::kRelease;  // resolved, never kInherit
  int64_t price_version = 0;  // pinned at Reserve; 0: the root had none
  int64_t reserve_sequence = 0;  // the ledger entry that made it
  absl::Time created_at;
  std::string owner;  // the principal that made it; empty: nobody was asked

  friend bool operator==(const ReservationTerms&,
                         const ReservationTerms&) = default;
};

// A hold and what became of it, at one moment: copies are cheap and stay as
// they are. Invariants: held is zero unless open; spent + overage is what has
// been recorded; one end for ever.
struct Reservation {
  Shared<ReservationTerms> terms;
  SharedList<Pin> pins;  // sorted; limits that were added later follow
  SharedList<Crossing> crossed_at_reserve;
  ReservationState state = ReservationState::kOpen;
  Amounts held;
  Amounts spent;
  Amounts overage;
  Amounts reported;             // the caller's latest cumulative figures
  bool usage_final = false;     // a final settle was recorded
  bool settled_late = false;    // after release or expiry
  bool unpriced = false;        // USD unknown, and not given since
  absl::Time expires_at;
  std::optional<absl::Time> ended_at;

  const Uuid& id() const { return terms->id; }
  const ReservePayload& payload() const { return *terms->payload; }
  bool IsOpen() const { return state == ReservationState::kOpen; }
  friend bool operator==(const Reservation&, const Reservation&) = default;
};

}  // namespace budget

#endif  // BUDGET_DOMAIN_RESERVATION_H_
