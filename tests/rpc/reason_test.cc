// Every reason of the error table, reached through a call, with its details.

#include "server/domain/reason.h"

#include <functional>
#include <map>

#include "absl/strings/str_cat.h"
#include "server/rpc/error.h"
#include "tests/rpc/rpc_fixture.h"
#include "tests/rpc/secured_server.h"

namespace budget::testing {
namespace {

constexpr char kId[] = "0190a5f4-7c00-4000-8000-000000000001";
constexpr char kOther[] = "0190a5f4-7c00-4000-8000-000000000002";
constexpr char kAmountMaxText[] = "2305843009213693952";

class ReasonFixture : public RpcTest {
 protected:
  grpc::Status Provoke(Reason reason);

  void CreateCapped(const std::string& policies = "") {
    Create(absl::StrCat("path: 'acme' policies {", policies,
                        "} limits { name: 'cap' unit: UNIT_TOKENS "
                        "window { lifetime {} } cap: 100 }"));
  }
  grpc::Status Hold(int64_t tokens, const std::string& id = "") {
    return Reserve(
        absl::StrCat("reservation_id: '", id,
                     "' allocations: 'acme' amounts { tokens: ", tokens, " }"));
  }
  grpc::Status Release(const std::string& id) {
    return Call(*budget_, &v1::BudgetService::Stub::Release,
                FromText<v1::ReleaseRequest>(
                    absl::StrCat("reservation_id: '", id, "' root: 'acme'")));
  }
  grpc::Status Freeze() {
    return Call(
        *admin_, &v1::BudgetAdmin::Stub::FreezeAllocation,
        FromText<v1::FreezeAllocationRequest>(absl::StrCat(
            "path: 'acme' reason: 'abuse' request_id: '", NewId(), "'")));
  }
  grpc::Status Archive(const std::string& path) {
    return Call(*admin_, &v1::BudgetAdmin::Stub::ArchiveAllocation,
                FromText<v1::ArchiveAllocationRequest>(
                    absl::StrCat("path: '", path, "' etag: '", Get(path).etag(),
                                 "' request_id: '", NewId(), "'")));
  }
  grpc::Status RemoveLimit(const std::string& limit, const std::string& etag) {
    return Call(*admin_, &v1::BudgetAdmin::Stub::RemoveLimit,
                FromText<v1::RemoveLimitRequest>(
                    absl::StrCat("path: 'acme' limit: '", limit, "' etag: '",
                                 etag, "' request_id: '", NewId(), "'")));
  }
  grpc::Status Adjust(const std::string& arguments) {
    return Call(*admin_, &v1::BudgetAdmin::Stub::AdjustBalance,
                FromText<v1::AdjustBalanceRequest>(absl::StrCat(
                    "path: 'acme' unit: UNIT_TOKENS reason: 'test' "
                    "request_id: '",
                    NewId(), "' ", arguments)));
  }
  grpc::Status Record(const std::string& amounts) {
    return Call(*budget_, &v1::BudgetService::Stub::RecordUsage,
                FromText<v1::RecordUsageRequest>(absl::StrCat(
                    "usage_id: '", NewId(), "' allocations: 'acme' actual { ",
                    amounts, " }")));
  }
  grpc::Status Transfer();
  grpc::Status SettleTwice();
};

grpc::Status ReasonFixture::SettleTwice() {
  CreateCapped();
  EXPECT_TRUE(Hold(50, kId).ok());
  const std::string settle =
      absl::StrCat("reservation_id: '", kId, "' root: 'acme' actual ");
  EXPECT_TRUE(Settle(settle + "{ tokens: 30 }").ok());
  return Settle(settle + "{ tokens: 31 }");
}

grpc::Status ReasonFixture::Transfer() {
  const std::string limit =
      "limits { name: 'cap' unit: UNIT_TOKENS window { lifetime {} } "
      "cap: 100 }";
  Create("path: 'acme'");
  const std::string a = Create("path: 'acme/a' " + limit).etag();
  const std::string b = Create("path: 'acme/b' " + limit).etag();
  EXPECT_TRUE(Reserve("allocations: 'acme/a' amounts { tokens: 60 }").ok());
  return Call(
      *admin_, &v1::BudgetAdmin::Stub::TransferCap,
      FromText<v1::TransferCapRequest>(absl::StrCat(
          "from { path: 'acme/a' limit: 'cap' etag: '", a,
          "' } to { path: 'acme/b' limit: 'cap' etag: '", b,
          "' } unit: UNIT_TOKENS amount: 41 request_id: '", NewId(), "'")));
}

grpc::Status ReasonFixture::Provoke(Reason reason) {
  switch (reason) {
    case Reason::kInvalidField:
      return Hold(-1, kId);
    case Reason::kReservationIdTooOld: {
      CreateCapped();
      const std::string old = NewId();
      clock_.Advance(absl::Hours(24 * 91));
      return Hold(1, old);
    }
    case Reason::kIdempotencyMismatch:
      CreateCapped();
      EXPECT_TRUE(Hold(1, kId).ok());
      return Hold(2, kId);
    case Reason::kAllocationNotFound:
      return Hold(1, kId);
    case Reason::kAllocationExists:
      CreateCapped();
      return Call(
          *admin_, &v1::BudgetAdmin::Stub::CreateAllocation,
          FromText<v1::CreateAllocationRequest>(absl::StrCat(
              "allocation { path: 'acme' } request_id: '", NewId(), "'")));
    case Reason::kLimitNotFound:
      CreateCapped();
      return RemoveLimit("other", Get("acme").etag());
    case Reason::kReservationNotFound:
      CreateCapped();
      return Settle(absl::StrCat("reservation_id: '", kId,
                                 "' root: 'acme' actual { tokens: 1 }"));
    case Reason::kPriceVersionNotFound:
      CreateCapped();
      return Call(*admin_, &v1::BudgetAdmin::Stub::GetPrices,
                  FromText<v1::GetPricesRequest>("root: 'acme' version: 7"));
    case Reason::kEtagMismatch:
      CreateCapped();
      return RemoveLimit("cap", "999");
    case Reason::kAllocationArchived:
      CreateCapped();
      EXPECT_TRUE(Archive("acme").ok());
      return Hold(1);
    case Reason::kAllocationFrozen:
      CreateCapped();
      EXPECT_TRUE(Freeze().ok());
      return Hold(1);
    case Reason::kAllocationNotEmpty:
      CreateCapped();
      Create("path: 'acme/team'");
      return Archive("acme");
    case Reason::kReservationSettled:
      return SettleTwice();
    case Reason::kReservationEnded:
      CreateCapped();
      EXPECT_TRUE(Hold(1, kId).ok());
      EXPECT_TRUE(Release(kId).ok());
      return Call(
          *budget_, &v1::BudgetService::Stub::AdjustReservation,
          FromText<v1::AdjustReservationRequest>(absl::StrCat(
              "reservation_id: '", kId, "' root: 'acme' held { tokens: 5 }")));
    case Reason::kUsageRecorded:
      CreateCapped();
      EXPECT_TRUE(Hold(50, kId).ok());
      EXPECT_TRUE(Settle(absl::StrCat("reservation_id: '", kId,
                                      "' root: 'acme' final: false "
                                      "actual { tokens: 5 }"))
                      .ok());
      return Release(kId);
    case Reason::kCapBelowCommitted:
      return Transfer();
    case Reason::kCreditExceedsSpent:
      CreateCapped();
      return Adjust("limit: 'cap' amount: -1");
    case Reason::kUnpriced:
      Create(
          "path: 'acme' limits { name: 'usd' unit: UNIT_USD_NANOS "
          "window { lifetime {} } cap: 100 }");
      return Reserve("allocations: 'acme' usd_unknown: true");
    case Reason::kBudgetExhausted:
      CreateCapped();
      return Hold(101);
    case Reason::kOverageOutstanding:
      CreateCapped();
      EXPECT_TRUE(Record("tokens: 101").ok());
      return Hold(1);
    case Reason::kWindowExhausted:
      Create(
          "path: 'acme' limits { name: 'hour' unit: UNIT_TOKENS cap: 100 "
          "window { calendar { period: CALENDAR_PERIOD_HOUR } } }");
      EXPECT_TRUE(Record("tokens: 60").ok());
      return Hold(41);
    case Reason::kBudgetHeld:
      CreateCapped("held_denial: HELD_DENIAL_POLICY_RETRY");
      EXPECT_TRUE(Hold(60).ok());
      return Hold(41);
    case Reason::kCounterOverflow:
      CreateCapped();
      EXPECT_TRUE(Record(absl::StrCat("tokens: ", kAmountMaxText)).ok());
      return Record(absl::StrCat("tokens: ", kAmountMaxText));
    case Reason::kUnauthenticated:
      return SecuredServer()
          .Call("", "BudgetService/Batch", "")
          .status;
    case Reason::kPermissionDenied: {
      SecuredServer server;
      const std::string viewer = server.TokenOf("v", Role::kViewer, "*");
      return server.Call(viewer, "BudgetService/Batch", "").status;
    }
    case Reason::kTokenNotFound: {
      SecuredServer server;
      return server
          .Call(server.root_token(), "AccessService/RevokeToken",
                "token_id: 'none'")
          .status;
    }
    case Reason::kDeadlineExceeded:
      store_.FailWith(absl::DeadlineExceededError("late"));
      return Hold(1);
    case Reason::kOverloaded:
      return Hold(1, kOther);
    case Reason::kDraining:
      dispatcher_.Drain();
      return Hold(1);
    case Reason::kStorageUnavailable:
      store_.FailWith(absl::UnavailableError("gone"));
      return Hold(1);
    case Reason::kInvariantBroken:
      store_.FailWith(absl::InternalError("constraint"));
      return Hold(1);
  }
  return grpc::Status::OK;
}

class ReasonTest : public ReasonFixture,
                   public ::testing::WithParamInterface<Reason> {};

bool ExpectsRetry(Reason reason) {
  const absl::StatusCode code = CodeOf(reason);
  return code == absl::StatusCode::kUnavailable ||
         (code == absl::StatusCode::kResourceExhausted && IsTransient(reason));
}

void ExpectDetailsOfCode(Reason reason, const ErrorDetails& details) {
  switch (CodeOf(reason)) {
    case absl::StatusCode::kResourceExhausted:
      ASSERT_GE(details.quota.violations_size(), 1);
      EXPECT_EQ(details.quota.violations(0).subject(), "acme");
      EXPECT_NE(details.quota.violations(0).description(), "");
      break;
    case absl::StatusCode::kFailedPrecondition:
      ASSERT_EQ(details.precondition.violations_size(), 1);
      EXPECT_EQ(details.precondition.violations(0).type(), ReasonName(reason));
      EXPECT_NE(details.precondition.violations(0).subject(), "");
      break;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
      EXPECT_NE(details.resource.resource_name(), "");
      break;
    case absl::StatusCode::kInvalidArgument:
      ASSERT_EQ(details.bad_request.field_violations_size(), 1);
      EXPECT_EQ(details.bad_request.field_violations(0).field(),
                "amounts.tokens");
      break;
    default:
      break;
  }
}

void ExpectCarries(Reason reason, const grpc::Status& status) {
  ASSERT_EQ(status.error_code(), static_cast<int>(CodeOf(reason)))
      << status.error_message();
  EXPECT_NE(status.error_message(), "");
  EXPECT_LT(status.error_details().size(), 4096u);
  const ErrorDetails details(status);
  EXPECT_EQ(details.reason(), ReasonName(reason)) << status.error_message();
  EXPECT_EQ(details.info.domain(), "budget.v1");
  EXPECT_EQ(details.has_retry, ExpectsRetry(reason));
  ExpectDetailsOfCode(reason, details);
}

// A lane without room: every new hold is one too many.
class OverloadTest : public RpcTest {
 protected:
  OverloadTest() : RpcTest({.queue_operations_max = 0}) {}
};

TEST_F(OverloadTest, ShedsWhatTheQueueCannotTake) {
  ExpectCarries(Reason::kOverloaded, Reserve("allocations: 'acme'"));
}

// A server without room: calls are refused before they are looked at.
class FullServerTest : public RpcTest {
 protected:
  FullServerTest() : RpcTest({.inside_operations_max = 0}) {}
};

TEST_F(FullServerTest, RefusesHoldsUnread) {
  ExpectCarries(Reason::kOverloaded, Reserve("allocations: 'NO PATH'"));
}

TEST_F(FullServerTest, RefusesSettlesUnread) {
  ExpectCarries(Reason::kOverloaded, Settle("reservation_id: 'no id'"));
}

TEST_F(FullServerTest, RefusesBatchesUnread) {
  ExpectCarries(Reason::kOverloaded, Call(*budget_,
                                          &v1::BudgetService::Stub::Batch,
                                          v1::BatchRequest()));
}

TEST_P(ReasonTest, TravelsWithItsCodeAndDetails) {
  ExpectCarries(GetParam(), Provoke(GetParam()));
}

// But for kOverloaded, which needs another server: OverloadTest has it.
std::vector<Reason> AllReasons() {
  std::vector<Reason> reasons;
  for (int i = 0; i <= static_cast<int>(Reason::kInvariantBroken); ++i) {
    const Reason reason = static_cast<Reason>(i);
    if (reason != Reason::kOverloaded) reasons.push_back(reason);
  }
  return reasons;
}

INSTANTIATE_TEST_SUITE_P(All, ReasonTest, ::testing::ValuesIn(AllReasons()),
                         [](const auto& info) {
                           return std::string(ReasonName(info.param));
                         });

using DenialTest = ReasonFixture;

TEST_F(DenialTest, NamesLimitAndFigures) {
  CreateCapped();
  EXPECT_TRUE(Hold(60).ok());
  const ErrorDetails details(Hold(41));
  EXPECT_EQ(details.metadata("allocation"), "acme");
  EXPECT_EQ(details.metadata("limit"), "cap");
  EXPECT_EQ(details.metadata("unit"), "tokens");
  EXPECT_EQ(details.metadata("cap"), "100");
  EXPECT_EQ(details.metadata("spent"), "0");
  EXPECT_EQ(details.metadata("reserved"), "60");
  EXPECT_EQ(details.metadata("overage"), "0");
  EXPECT_EQ(details.metadata("requested"), "41");
  EXPECT_EQ(details.metadata("affordable"), "40");
  ASSERT_EQ(details.quota.violations_size(), 1);
  const auto& violation = details.quota.violations(0);
  EXPECT_EQ(violation.quota_metric(), "tokens");
  EXPECT_EQ(violation.quota_id(), "cap");
  EXPECT_EQ(violation.quota_value(), 100);
}

TEST_F(DenialTest, SaysWhatWasRecordedWhenSettledAlready) {
  const ErrorDetails details(SettleTwice());
  EXPECT_EQ(details.reason(), "RESERVATION_SETTLED");
  EXPECT_EQ(details.metadata("state"), "SETTLED");
  EXPECT_EQ(details.metadata("spent_tokens"), "30");
  EXPECT_EQ(details.metadata("spent_usd_nanos"), "0");
}

TEST_F(DenialTest, CalendarRetryIsTheEndOfTheWindow) {
  clock_.Advance(absl::Minutes(18));
  const ErrorDetails details(Provoke(Reason::kWindowExhausted));
  EXPECT_EQ(details.retry_delay(), absl::Minutes(42));
}

TEST_F(DenialTest, RollingRetryIsExactForTheAmount) {
  Create(
      "path: 'acme' limits { name: 'roll' unit: UNIT_TOKENS cap: 100 "
      "window { rolling { duration { seconds: 3600 } } } }");
  EXPECT_TRUE(Record("tokens: 30").ok());
  clock_.Advance(absl::Minutes(10));
  EXPECT_TRUE(Record("tokens: 30").ok());
  // 40 fit now, 70 when the first 30 have aged out, 100 when all have.
  const ErrorDetails small(Hold(41));
  EXPECT_EQ(small.reason(), "WINDOW_EXHAUSTED");
  EXPECT_EQ(small.retry_delay(), absl::Minutes(51));
  const ErrorDetails large(Hold(71));
  EXPECT_EQ(large.retry_delay(), absl::Minutes(61));
  clock_.Advance(small.retry_delay() - absl::Microseconds(1));
  EXPECT_FALSE(Hold(41).ok());
  clock_.Advance(absl::Microseconds(1));
  EXPECT_TRUE(Hold(41).ok());
}

}  // namespace
}  // namespace budget::testing
