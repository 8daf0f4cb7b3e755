#include "server/domain/reason.h"

#include <iterator>

namespace budget {
namespace {

enum class Retry { kFinal, kTransient };
enum class Counts { kError, kDenial };

struct Row {
  Reason reason;
  absl::string_view name;
  absl::StatusCode code;
  Retry retry;
  Counts counts = Counts::kError;
};

using Code = absl::StatusCode;

// BUDGET_EXHAUSTED may pass when an administrator acts, yet waiting does not
// help: it is final. OVERAGE_OUTSTANDING likewise.
constexpr Row kTable[] = {
    {Reason::kUnauthenticated, "UNAUTHENTICATED", Code::kUnauthenticated,
     Retry::kFinal},
    {Reason::kPermissionDenied, "PERMISSION_DENIED", Code::kPermissionDenied,
     Retry::kFinal},
    {Reason::kInvalidField, "INVALID_FIELD", Code::kInvalidArgument,
     Retry::kFinal},
    {Reason::kReservationIdTooOld, "RESERVATION_ID_TOO_OLD",
     Code::kFailedPrecondition, Retry::kFinal},
    {Reason::kIdempotencyMismatch, "IDEMPOTENCY_MISMATCH", Code::kAlreadyExists,
     Retry::kFinal},
    {Reason::kAllocationNotFound, "ALLOCATION_NOT_FOUND", Code::kNotFound,
     Retry::kFinal},
    {Reason::kAllocationExists, "ALLOCATION_EXISTS", Code::kAlreadyExists,
     Retry::kFinal},
    {Reason::kLimitNotFound, "LIMIT_NOT_FOUND", Code::kNotFound, Retry::kFinal},
    {Reason::kReservationNotFound, "RESERVATION_NOT_FOUND", Code::kNotFound,
     Retry::kFinal},
    {Reason::kPriceVersionNotFound, "PRICE_VERSION_NOT_FOUND", Code::kNotFound,
     Retry::kFinal},
    {Reason::kTokenNotFound, "TOKEN_NOT_FOUND", Code::kNotFound, Retry::kFinal},
    {Reason::kEtagMismatch, "ETAG_MISMATCH", Code::kAborted, Retry::kFinal},
    {Reason::kAllocationArchived, "ALLOCATION_ARCHIVED",
     Code::kFailedPrecondition, Retry::kFinal, Counts::kDenial},
    {Reason::kAllocationFrozen, "ALLOCATION_FROZEN", Code::kFailedPrecondition,
     Retry::kFinal, Counts::kDenial},
    {Reason::kAllocationNotEmpty, "ALLOCATION_NOT_EMPTY",
     Code::kFailedPrecondition, Retry::kFinal},
    {Reason::kReservationSettled, "RESERVATION_SETTLED",
     Code::kFailedPrecondition, Retry::kFinal},
    {Reason::kReservationEnded, "RESERVATION_ENDED", Code::kFailedPrecondition,
     Retry::kFinal},
    {Reason::kUsageRecorded, "USAGE_RECORDED", Code::kFailedPrecondition,
     Retry::kFinal},
    {Reason::kCapBelowCommitted, "CAP_BELOW_COMMITTED",
     Code::kFailedPrecondition, Retry::kFinal},
    {Reason::kCreditExceedsSpent, "CREDIT_EXCEEDS_SPENT",
     Code::kFailedPrecondition, Retry::kFinal},
    {Reason::kUnpriced, "UNPRICED", Code::kFailedPrecondition, Retry::kFinal,
     Counts::kDenial},
    {Reason::kBudgetExhausted, "BUDGET_EXHAUSTED", Code::kResourceExhausted,
     Retry::kFinal, Counts::kDenial},
    {Reason::kOverageOutstanding, "OVERAGE_OUTSTANDING",
     Code::kResourceExhausted, Retry::kFinal, Counts::kDenial},
    {Reason::kWindowExhausted, "WINDOW_EXHAUSTED", Code::kResourceExhausted,
     Retry::kTransient, Counts::kDenial},
    {Reason::kBudgetHeld, "BUDGET_HELD", Code::kResourceExhausted,
     Retry::kTransient, Counts::kDenial},
    {Reason::kCounterOverflow, "COUNTER_OVERFLOW", Code::kOutOfRange,
     Retry::kFinal},
    {Reason::kDeadlineExceeded, "DEADLINE_EXCEEDED", Code::kDeadlineExceeded,
     Retry::kTransient},
    {Reason::kOverloaded, "OVERLOADED", Code::kUnavailable, Retry::kTransient},
    {Reason::kDraining, "DRAINING", Code::kUnavailable, Retry::kTransient},
    {Reason::kStorageUnavailable, "STORAGE_UNAVAILABLE", Code::kUnavailable,
     Retry::kTransient},
    {Reason::kInvariantBroken, "INVARIANT_BROKEN", Code::kInternal,
     Retry::kFinal},
};

constexpr bool RowsFollowTheEnum() {
  for (size_t i = 0; i < std::size(kTable); ++i) {
    if (kTable[i].reason != static_cast<Reason>(i)) return false;
  }
  return std::size(kTable) == kReasons;
}
static_assert(RowsFollowTheEnum(), "one row for each reason, in order");

const Row& RowOf(Reason reason) { return kTable[static_cast<size_t>(reason)]; }

}  // namespace

absl::string_view ReasonName(Reason reason) { return RowOf(reason).name; }

absl::StatusCode CodeOf(Reason reason) { return RowOf(reason).code; }

bool IsTransient(Reason reason) {
  return RowOf(reason).retry == Retry::kTransient;
}

bool IsDenial(Reason reason) { return RowOf(reason).counts == Counts::kDenial; }

}  // namespace budget
