#include "tests/chaos/verdicts.h"

#include <gtest/gtest.h>

namespace budget::chaos {
namespace {

TEST(VerdictsTest, TellWhatWasCheckedUnderEachFault) {
  Verdicts verdicts;
  verdicts.Passed(Invariant::kOneEnd);
  verdicts.Under("storm");
  verdicts.Passed(Invariant::kOneEnd);
  verdicts.Violated(Invariant::kOneEnd, "twice");
  Verdicts others;
  others.Under("hail");
  others.Passed(Invariant::kOneEnd);
  others.Under("storm");
  others.Passed(Invariant::kOneEnd);
  verdicts.Add(others);
  EXPECT_EQ(verdicts.checks(Invariant::kOneEnd), 5);
  ASSERT_EQ(verdicts.by_fault().size(), 2u);
  const auto& storm = verdicts.by_fault()[0];
  const auto& hail = verdicts.by_fault()[1];
  EXPECT_EQ(storm.fault, "storm");
  EXPECT_EQ(storm.Of(Invariant::kOneEnd).checks, 3);
  EXPECT_EQ(storm.Of(Invariant::kOneEnd).violations, 1);
  EXPECT_EQ(hail.fault, "hail");
  EXPECT_EQ(hail.Of(Invariant::kOneEnd).checks, 1);
}

}  // namespace
}  // namespace budget::chaos
