#include "tests/chaos/product_verify.h"

#include <gtest/gtest.h>

namespace budget::chaos {
namespace {

v1::VerifyResponse AnswerOf(bool ok, int64_t entries) {
  v1::VerifyResponse answer;
  answer.set_ok(ok);
  answer.set_entries(entries);
  return answer;
}

int64_t ViolationsOf(const absl::StatusOr<v1::VerifyResponse>& answer) {
  Verdicts verdicts;
  CheckVerified("acme", 3, answer, verdicts);
  return verdicts.violations(Invariant::kVerifyAgrees);
}

TEST(ProductVerifyTest, AllowsBooksThatAgree) {
  EXPECT_EQ(ViolationsOf(AnswerOf(true, 3)), 0);
}

TEST(ProductVerifyTest, FindsADiscrepancy) {
  v1::VerifyResponse answer = AnswerOf(false, 3);
  answer.add_discrepancies()->set_subject("counter acme slots");
  EXPECT_EQ(ViolationsOf(answer), 2);
}

TEST(ProductVerifyTest, FindsThatNotAllEntriesWereRead) {
  EXPECT_EQ(ViolationsOf(AnswerOf(true, 2)), 1);
}

TEST(ProductVerifyTest, FindsThatThereIsNoAnswer) {
  EXPECT_EQ(ViolationsOf(absl::UnavailableError("nobody")), 1);
}

}  // namespace
}  // namespace budget::chaos
