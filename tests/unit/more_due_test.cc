#include "server/domain/more_due.h"

#include <gtest/gtest.h>

namespace budget {
namespace {

class MoreDueTest : public ::testing::Test {
 protected:
  bool Stands(const Operation& operation, const Outcome& outcome) {
    const Operation* const one = &operation;
    return StandWithMoreDue({&one, 1}, {outcome}, set_);
  }

  static Outcome Refused(Reason reason) {
    Outcome outcome;
    outcome.refusal = Refusal{.reason = reason};
    return outcome;
  }

  static Outcome Granted(int64_t requested, int64_t granted) {
    ReservationTerms terms;
    terms.requested[Unit::kTokens] = requested;
    terms.granted[Unit::kTokens] = granted;
    Outcome outcome;
    outcome.reservation = Reservation{.terms = std::move(terms)};
    return outcome;
  }

  WorkingSet set_;
};

TEST_F(MoreDueTest, WhatWasGrantedInFullStands) {
  EXPECT_TRUE(Stands(Reserve{}, Granted(5, 5)));
}

TEST_F(MoreDueTest, AHoldThatWasCutDoesNot) {
  EXPECT_FALSE(Stands(Reserve{}, Granted(5, 4)));
}

TEST_F(MoreDueTest, ASettleOfAHoldThatWasOnceCutStands) {
  EXPECT_TRUE(Stands(Settle{}, Granted(5, 4)));
}

TEST_F(MoreDueTest, ARepeatStands) {
  Outcome again = Granted(5, 4);
  again.replayed = true;
  EXPECT_TRUE(Stands(Reserve{}, again));
}

TEST_F(MoreDueTest, ADenialThatHoldsHaveAPartInDoesNot) {
  Outcome denied = Refused(Reason::kBudgetExhausted);
  denied.refusal->violations.emplace_back();
  EXPECT_TRUE(Stands(Reserve{}, denied));
  denied.refusal->violations.emplace_back().held_up = true;
  EXPECT_FALSE(Stands(Reserve{}, denied));
}

TEST_F(MoreDueTest, AThresholdThatWasCrossedDoesNot) {
  Outcome warned = Granted(5, 5);
  warned.crossed = {{.limit = 1, .warn_percent = 80}};
  EXPECT_FALSE(Stands(Reserve{}, warned));
}

TEST_F(MoreDueTest, OverageThatNoCounterCouldKeepDoesNot) {
  EXPECT_FALSE(Stands(Settle{}, Refused(Reason::kCounterOverflow)));
}

TEST_F(MoreDueTest, ARefundThatWasCutDoesNot) {
  set_.entries.emplace_back().detail = {{kClampedDetail, "true"}};
  EXPECT_FALSE(Stands(Release{}, Granted(5, 5)));
}

TEST_F(MoreDueTest, AnErrorStands) {
  EXPECT_TRUE(Stands(Reserve{}, Refused(Reason::kIdempotencyMismatch)));
}

TEST_F(MoreDueTest, WhatFreesStandsUnlessItRanOver) {
  set_.entries.emplace_back().spent[Unit::kTokens] = 5;
  EXPECT_TRUE(Stands(Settle{}, Granted(5, 5)));
  set_.entries.back().overage[Unit::kTokens] = 1;
  EXPECT_FALSE(Stands(Settle{}, Granted(5, 5)));
}

TEST_F(MoreDueTest, AnAdministratorWhoLooksAtUsageSeesAllOfIt) {
  EXPECT_FALSE(Stands(TransferCap{}, {}));
  EXPECT_TRUE(Stands(Freeze{}, {}));
}

TEST_F(MoreDueTest, ASweepStands) { EXPECT_TRUE(Stands(Sweep{}, {})); }

}  // namespace
}  // namespace budget
