#include "budget/denial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"

namespace budget {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

google::rpc::ErrorInfo Info(const std::string& reason) {
  google::rpc::ErrorInfo info;
  info.set_domain("budget.v1");
  info.set_reason(reason);
  return info;
}

google::rpc::Status Exhausted() {
  google::rpc::Status wire;
  wire.set_code(8);
  wire.set_message("the month is spent");
  google::rpc::ErrorInfo info = Info("BUDGET_EXHAUSTED");
  auto& figures = *info.mutable_metadata();
  figures["spent"] = "90";
  figures["reserved"] = "5";
  figures["overage"] = "1";
  figures["requested"] = "20";
  figures["affordable"] = "4";
  wire.add_details()->PackFrom(info);
  google::rpc::QuotaFailure quota;
  for (const char* subject : {"acme", "acme/search"}) {
    auto* violation = quota.add_violations();
    violation->set_subject(subject);
    violation->set_quota_id("month");
    violation->set_quota_metric("usd_nanos");
    violation->set_quota_value(100);
  }
  wire.add_details()->PackFrom(quota);
  return wire;
}

TEST(DenialTest, TellsWhichLimitsAndTheirFigures) {
  const auto denial = DenialOf(StatusFrom(Exhausted()));
  ASSERT_TRUE(denial.has_value());
  EXPECT_EQ(denial->reason, DenialReason::kBudgetExhausted);
  EXPECT_EQ(denial->reason_name, "BUDGET_EXHAUSTED");
  EXPECT_EQ(denial->message, "the month is spent");
  EXPECT_FALSE(denial->retry_after.has_value());
  ASSERT_THAT(denial->violations, SizeIs(2));
  const DenialViolation& first = denial->violations[0];
  EXPECT_EQ(first.allocation, "acme");
  EXPECT_EQ(first.limit, "month");
  EXPECT_EQ(first.unit, v1::UNIT_USD_NANOS);
  EXPECT_EQ(first.cap, 100);
  EXPECT_EQ(first.spent, 90);
  EXPECT_EQ(first.reserved, 5);
  EXPECT_EQ(first.overage, 1);
  EXPECT_EQ(first.requested, 20);
  EXPECT_EQ(first.affordable, 4);
  EXPECT_EQ(denial->violations[1].allocation, "acme/search");
}

TEST(DenialTest, IsNoneOfAnOutage) {
  EXPECT_FALSE(DenialOf(absl::UnavailableError("down")).has_value());
  EXPECT_FALSE(DenialOf(absl::OkStatus()).has_value());
  // gRPC itself answers this for messages that are too large.
  EXPECT_FALSE(DenialOf(absl::ResourceExhaustedError("too large")).has_value());
}

TEST(DenialTest, IgnoresReasonsOfOtherServices) {
  google::rpc::Status wire;
  wire.set_code(8);
  google::rpc::ErrorInfo info = Info("BUDGET_EXHAUSTED");
  info.set_domain("elsewhere.example");
  wire.add_details()->PackFrom(info);
  EXPECT_FALSE(DenialOf(StatusFrom(wire)).has_value());
}

TEST(DenialTest, NamesFieldsThatWereRefused) {
  google::rpc::Status wire;
  wire.set_code(3);
  google::rpc::BadRequest request;
  request.add_field_violations()->set_field("ttl");
  wire.add_details()->PackFrom(request);
  const auto fields = FieldViolationsOf(StatusFrom(wire));
  ASSERT_THAT(fields, SizeIs(1));
  EXPECT_EQ(fields[0].field, "ttl");
  EXPECT_THAT(FieldViolationsOf(absl::OkStatus()), IsEmpty());
}

}  // namespace
}  // namespace budget
