#include "server/domain/reason.h"

#include <gtest/gtest.h>

#include <iterator>
#include <set>

namespace budget {
namespace {

using Code = absl::StatusCode;

struct Row {
  Reason reason;
  const char* name;
  Code code;
  bool transient;
  bool denial;
};

// The public table, in order of precedence. A change here breaks clients.
constexpr Row kTable[] = {
    {Reason::kUnauthenticated, "UNAUTHENTICATED", Code::kUnauthenticated, 0, 0},
    {Reason::kPermissionDenied, "PERMISSION_DENIED", Code::kPermissionDenied, 0,
     0},
    {Reason::kInvalidField, "INVALID_FIELD", Code::kInvalidArgument, 0, 0},
    {Reason::kReservationIdTooOld, "RESERVATION_ID_TOO_OLD",
     Code::kFailedPrecondition, 0, 0},
    {Reason::kIdempotencyMismatch, "IDEMPOTENCY_MISMATCH", Code::kAlreadyExists,
     0, 0},
    {Reason::kAllocationNotFound, "ALLOCATION_NOT_FOUND", Code::kNotFound, 0,
     0},
    {Reason::kAllocationExists, "ALLOCATION_EXISTS", Code::kAlreadyExists, 0,
     0},
    {Reason::kLimitNotFound, "LIMIT_NOT_FOUND", Code::kNotFound, 0, 0},
    {Reason::kReservationNotFound, "RESERVATION_NOT_FOUND", Code::kNotFound, 0,
     0},
    {Reason::kPriceVersionNotFound, "PRICE_VERSION_NOT_FOUND", Code::kNotFound,
     0, 0},
    {Reason::kTokenNotFound, "TOKEN_NOT_FOUND", Code::kNotFound, 0, 0},
    {Reason::kEtagMismatch, "ETAG_MISMATCH", Code::kAborted, 0, 0},
    {Reason::kAllocationArchived, "ALLOCATION_ARCHIVED",
     Code::kFailedPrecondition, 0, 1},
    {Reason::kAllocationFrozen, "ALLOCATION_FROZEN", Code::kFailedPrecondition,
     0, 1},
    {Reason::kAllocationNotEmpty, "ALLOCATION_NOT_EMPTY",
     Code::kFailedPrecondition, 0, 0},
    {Reason::kReservationSettled, "RESERVATION_SETTLED",
     Code::kFailedPrecondition, 0, 0},
    {Reason::kReservationEnded, "RESERVATION_ENDED", Code::kFailedPrecondition,
     0, 0},
    {Reason::kUsageRecorded, "USAGE_RECORDED", Code::kFailedPrecondition, 0, 0},
    {Reason::kCapBelowCommitted, "CAP_BELOW_COMMITTED",
     Code::kFailedPrecondition, 0, 0},
    {Reason::kCreditExceedsSpent, "CREDIT_EXCEEDS_SPENT",
     Code::kFailedPrecondition, 0, 0},
    {Reason::kUnpriced, "UNPRICED", Code::kFailedPrecondition, 0, 1},
    {Reason::kBudgetExhausted, "BUDGET_EXHAUSTED", Code::kResourceExhausted, 0,
     1},
    {Reason::kOverageOutstanding, "OVERAGE_OUTSTANDING",
     Code::kResourceExhausted, 0, 1},
    {Reason::kWindowExhausted, "WINDOW_EXHAUSTED", Code::kResourceExhausted, 1,
     1},
    {Reason::kBudgetHeld, "BUDGET_HELD", Code::kResourceExhausted, 1, 1},
    {Reason::kCounterOverflow, "COUNTER_OVERFLOW", Code::kOutOfRange, 0, 0},
    {Reason::kDeadlineExceeded, "DEADLINE_EXCEEDED", Code::kDeadlineExceeded, 1,
     0},
    {Reason::kOverloaded, "OVERLOADED", Code::kUnavailable, 1, 0},
    {Reason::kDraining, "DRAINING", Code::kUnavailable, 1, 0},
    {Reason::kStorageUnavailable, "STORAGE_UNAVAILABLE", Code::kUnavailable, 1,
     0},
    {Reason::kInvariantBroken, "INVARIANT_BROKEN", Code::kInternal, 0, 0},
};

TEST(ReasonTest, TheTableIsWhatWasPublished) {
  int position = 0;
  std::set<absl::string_view> names;
  for (const Row& row : kTable) {
    EXPECT_EQ(static_cast<int>(row.reason), position++) << row.name;
    EXPECT_EQ(ReasonName(row.reason), row.name);
    EXPECT_EQ(CodeOf(row.reason), row.code) << row.name;
    EXPECT_EQ(IsTransient(row.reason), row.transient) << row.name;
    EXPECT_EQ(IsDenial(row.reason), row.denial) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
}

TEST(ReasonTest, OverloadNeverLooksLikeABudgetThatSaidNo) {
  for (const Row& row : kTable) {
    EXPECT_TRUE(CodeOf(row.reason) != Code::kResourceExhausted ||
                IsDenial(row.reason))
        << row.name;
  }
}

}  // namespace
}  // namespace budget
