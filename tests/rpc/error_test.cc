#include "server/rpc/error.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/rpc/rpc_fixture.h"

namespace budget::testing {
namespace {

// The longest path there is, told apart by its last character.
std::string LongestPath(int n) {
  std::string path;
  for (int i = 0; i < 8; ++i) {
    absl::StrAppend(&path, i == 0 ? "" : "/", std::string(63, 'a'));
  }
  path.back() = static_cast<char>('a' + n);
  return path;
}

// A denial by `count` limits with the longest names and figures.
struct LargestDenial {
  explicit LargestDenial(int count) {
    refusal.reason = Reason::kWindowExhausted;
    refusal.message = std::string(2000, 'm');
    refusal.subject = LongestPath(0);
    refusal.retry_after = absl::Seconds(1);
    refusal.affordable = Amounts{{kAmountMax, kAmountMax, kAmountMax}};
    for (int i = 1; i <= count; ++i) {
      catalog.Put(Allocation{.id = i, .path = LongestPath(i)});
      Limit limit{.id = i, .allocation = i};
      limit.spec.name = std::string(63, 'l');
      catalog.Put(limit);
      refusal.violations.push_back(
          {.reason = Reason::kWindowExhausted,
           .limit = i,
           .cap = kAmountMax,
           .tally = {kAmountMax, kAmountMax, kAmountMax, kAmountMax},
           .requested = kAmountMax,
           .affordable = kAmountMax});
    }
  }
  Catalog catalog;
  Refusal refusal;
};

TEST(ErrorTest, TheLargestDenialFitsAHeader) {
  const LargestDenial denial(20);
  const grpc::Status status =
      ToGrpc(ErrorOf(denial.refusal, {.catalog = &denial.catalog}));
  EXPECT_LT(status.error_details().size(), 4096u);
  const ErrorDetails details(status);
  ASSERT_GE(details.quota.violations_size(), 1);
  EXPECT_EQ(details.quota.violations(0).subject(), LongestPath(1));
  EXPECT_TRUE(details.has_retry);
}

TEST(ErrorTest, AtMostEightViolationsAreListed) {
  Catalog catalog;
  Refusal refusal{.reason = Reason::kBudgetExhausted, .message = "denied"};
  catalog.Put(Allocation{.id = 1, .path = "a"});
  for (int i = 1; i <= 12; ++i) {
    Limit limit{.id = i, .allocation = 1};
    limit.spec.name = absl::StrCat("l", i);
    catalog.Put(limit);
    refusal.violations.push_back({.limit = i});
  }
  const ErrorDetails details(ErrorOf(refusal, {.catalog = &catalog}));
  EXPECT_EQ(details.quota.violations_size(), 8);
}

TEST(ErrorTest, StoreTroubleIsToldInOurOwnWords) {
  for (const absl::Status& status :
       {absl::UnavailableError("ERROR: relation x"),
        absl::InternalError("ERROR: relation x"),
        absl::DeadlineExceededError("ERROR: relation x")}) {
    const google::rpc::Status error = ErrorOf(RefusalOf(status), {});
    EXPECT_EQ(error.SerializeAsString().find("relation"), std::string::npos);
    EXPECT_NE(error.message(), "");
  }
}

TEST(ErrorTest, LongTextIsCutBetweenCharacters) {
  Refusal refusal{.reason = Reason::kInvalidField,
                  .message = std::string(511, 'x') + "\xc3\xa9 and more",
                  .field = "f"};
  EXPECT_EQ(ErrorOf(refusal, {}).message(), std::string(511, 'x'));
}

}  // namespace
}  // namespace budget::testing
