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

TEST_F(MoreDueTest, ADenialByABudgetDoesNot) {
  Outcome denied = Refused(Reason::kBudgetExhausted);
  denied.refusal->violations.emplace_back();
  EXPECT_FALSE(Stands(Reserve{}, denied));
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

TEST_F(MoreDueTest, WhatAnAdministratorChangesDoesNot) {
  EXPECT_FALSE(Stands(TransferCap{}, {}));
}

TEST_F(MoreDueTest, ASweepStands) { EXPECT_TRUE(Stands(Sweep{}, {})); }

}  // namespace
}  // namespace budget
