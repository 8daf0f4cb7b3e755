#include "server/lane/denial_log.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/lane/fake_store.h"

namespace budget {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromCivil(absl::CivilDay(2026, 11, 21),
                                        absl::UTCTimeZone()) +
                        absl::Hours(20);

// A denial by the limits "day" and "month" of "acme".
OperationResult DeniedByTwoLimits() {
  auto set = std::make_shared<WorkingSet>();
  set->catalog.Put(Allocation{.id = 1, .path = "acme"});
  OperationResult result{.read_time = kNow};
  Refusal refusal{.reason = Reason::kBudgetExhausted, .subject = "acme"};
  refusal.requested = Amounts{{500, 7, 1}};
  int id = 0;
  for (const char* name : {"day", "month"}) {
    set->catalog.Put(
        Limit{.id = ++id, .allocation = 1, .spec = {.name = name}});
    refusal.violations.push_back(
        {.reason = Reason::kBudgetExhausted, .limit = id});
  }
  result.outcome.refusal = refusal;
  result.set = set;
  return result;
}

TEST(DenialLogTest, CountsEachLimitThatDenied) {
  FakeStore store;
  DenialLog log(store);
  for (int i = 0; i < 3; ++i) log.Record(DeniedByTwoLimits(), Reserve{});
  ASSERT_TRUE(log.Flush().ok());
  ASSERT_THAT(store.denials(), SizeIs(2));
  const DenialCount day = store.denials()[0];
  EXPECT_EQ(day.allocation, "acme");
  EXPECT_EQ(day.limit, "day");
  EXPECT_EQ(day.denials, 3);
  EXPECT_EQ(day.requested, (Amounts{{1500, 21, 3}}));
  EXPECT_EQ(day.day, absl::CivilDay(2026, 11, 21));
  EXPECT_EQ(day.last_time, kNow);
}

TEST(DenialLogTest, WritesNothingTwice) {
  FakeStore store;
  DenialLog log(store);
  log.Record(DeniedByTwoLimits(), Reserve{});
  ASSERT_TRUE(log.Flush().ok());
  ASSERT_TRUE(log.Flush().ok());
  EXPECT_THAT(store.denials(), SizeIs(2));
}

TEST(DenialLogTest, KeepsWhatCouldNotBeWritten) {
  FakeStore store;
  DenialLog log(store);
  log.Record(DeniedByTwoLimits(), Reserve{});
  store.FailDenials(absl::UnavailableError("away"));
  EXPECT_FALSE(log.Flush().ok());
  log.Record(DeniedByTwoLimits(), Reserve{});
  store.FailDenials(absl::OkStatus());
  EXPECT_TRUE(log.Flush().ok());
  ASSERT_THAT(store.denials(), SizeIs(2));
  EXPECT_EQ(store.denials()[0].denials, 2);
}

TEST(DenialLogTest, IgnoresErrorsAndPreviews) {
  FakeStore store;
  DenialLog log(store);
  OperationResult error;
  error.outcome.refusal = Refusal{.reason = Reason::kAllocationNotFound};
  log.Record(error, Reserve{});
  log.Record(DeniedByTwoLimits(), Reserve{.validate_only = true});
  log.Record(OperationResult{}, Reserve{});
  ASSERT_TRUE(log.Flush().ok());
  EXPECT_THAT(store.denials(), IsEmpty());
}

TEST(DenialLogTest, SaturatesAmounts) {
  FakeStore store;
  DenialLog log(store);
  OperationResult denied = DeniedByTwoLimits();
  denied.outcome.refusal->requested = Amounts{{kAmountMax, 0, 0}};
  for (int i = 0; i < 5; ++i) log.Record(denied, Reserve{});
  ASSERT_TRUE(log.Flush().ok());
  EXPECT_EQ(store.denials()[0].requested[Unit::kUsdNanos], kAmountMax);
}

}  // namespace
}  // namespace budget
