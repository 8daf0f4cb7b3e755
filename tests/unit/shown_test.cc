#include "server/domain/shown.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "server/domain/refusal.h"

namespace budget {
namespace {

// A limit on acme, and one on acme/team, of which only the latter is seen.
class HideForeignTest : public ::testing::Test {
 protected:
  HideForeignTest() {
    catalog_.Put(Allocation{.id = 1, .path = "acme"});
    catalog_.Put(Allocation{.id = 2, .path = "acme/team"});
    catalog_.Put(Limit{.id = 1, .allocation = 1, .spec = {.name = "above"}});
    catalog_.Put(Limit{.id = 2, .allocation = 2, .spec = {.name = "own"}});
  }

  void Hide(Outcome& outcome) {
    HideForeign([](absl::string_view path) { return path == "acme/team"; },
                catalog_, outcome);
  }

  static LimitReading Reading(LimitId limit) {
    return {.limit = limit,
            .cap = 100,
            .tally = {.spent = 10, .reserved = 20, .overage = 3},
            .remaining = 67};
  }
  static Violation Denial(LimitId limit) {
    return {.limit = limit,
            .cap = 100,
            .tally = {.spent = 91},
            .requested = 10,
            .affordable = 9};
  }

  Catalog catalog_;
};

TEST_F(HideForeignTest, LeavesWhatIsLeftOfALimitAbove) {
  Outcome outcome{.limits = {Reading(1), Reading(2)}};
  Hide(outcome);
  EXPECT_TRUE(outcome.limits[0].figures_hidden);
  EXPECT_EQ(outcome.limits[0].cap, std::nullopt);
  EXPECT_EQ(outcome.limits[0].tally.Usage(), 0);
  EXPECT_EQ(outcome.limits[0].tally.overage, 0);
  EXPECT_EQ(outcome.limits[0].remaining, 67);
  EXPECT_FALSE(outcome.limits[1].figures_hidden);
  EXPECT_EQ(outcome.limits[1].cap, 100);
  EXPECT_EQ(outcome.limits[1].tally.Usage(), 30);
}

TEST_F(HideForeignTest, LeavesOutThresholdsAbove) {
  Outcome outcome{.crossed = {{1, 80}, {2, 50}}};
  Hide(outcome);
  ASSERT_EQ(outcome.crossed.size(), 1u);
  EXPECT_EQ(outcome.crossed[0].limit, 2);
}

TEST_F(HideForeignTest, LeavesWhatWouldHaveFittedInADenial) {
  for (const LimitId first : {1, 2}) {
    Refusal refusal{.reason = Reason::kBudgetExhausted,
                    .message = NoRoomText(Denial(first), catalog_),
                    .violations = {Denial(first), Denial(3 - first)}};
    Outcome outcome{.refusal = refusal};
    Hide(outcome);
    EXPECT_EQ(absl::StrContains(outcome.refusal->message, "91"), first == 2);
    for (const Violation& violation : outcome.refusal->violations) {
      EXPECT_EQ(violation.figures_hidden, violation.limit == 1);
      EXPECT_EQ(violation.cap, violation.limit == 1 ? 0 : 100);
      EXPECT_EQ(violation.tally.spent, violation.limit == 1 ? 0 : 91);
      EXPECT_EQ(violation.affordable, 9);
      EXPECT_EQ(violation.requested, 10);
    }
  }
}

}  // namespace
}  // namespace budget
