#ifndef BUDGET_DOMAIN_REASON_H_
#define BUDGET_DOMAIN_REASON_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace budget {

// Why a call was not served. THE table of reasons: name, status code and
// whether the same call may succeed later stand in reason.cc, and the order
// here is the precedence: where several apply, the first is reported.
enum class Reason {
  // The caller must change the call.
  kUnauthenticated,
  kPermissionDenied,
  kInvalidField,
  kReservationIdTooOld,
  kIdempotencyMismatch,
  kAllocationNotFound,
  kAllocationExists,
  kLimitNotFound,
  kReservationNotFound,
  kPriceVersionNotFound,
  kTokenNotFound,
  kEtagMismatch,
  // The state of things forbids it.
  kAllocationArchived,
  kAllocationFrozen,
  kAllocationNotEmpty,
  kReservationSettled,
  kReservationEnded,
  kUsageRecorded,
  kCapBelowCommitted,
  kCreditExceedsSpent,
  kUnpriced,
  // Denied by budget: from the most lasting to the most passing.
  kBudgetExhausted,
  kOverageOutstanding,
  kWindowExhausted,
  kBudgetHeld,
  kCounterOverflow,
  // The environment.
  kDeadlineExceeded,
  kOverloaded,
  kDraining,
  kStorageUnavailable,
  kInvariantBroken,
};

inline constexpr size_t kReasons =
    static_cast<size_t>(Reason::kInvariantBroken) + 1;

// "BUDGET_EXHAUSTED": the reason in google.rpc.ErrorInfo.
absl::string_view ReasonName(Reason reason);

// The status code that the reason travels under.
absl::StatusCode CodeOf(Reason reason);

// Whether the same call, unchanged, may succeed later.
bool IsTransient(Reason reason);

// Whether a budget said no: these are counted as denials.
bool IsDenial(Reason reason);

}  // namespace budget

#endif  // BUDGET_DOMAIN_REASON_H_
