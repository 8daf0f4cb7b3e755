#include "server/lane/crowd_turn.h"

#include <optional>

#include "gtest/gtest.h"

namespace budget {
namespace {

TEST(CrowdTurnTest, OneLaneHasItAtATime) {
  CrowdTurn turn;
  EXPECT_EQ(turn.Ask(3), 3);
  EXPECT_EQ(turn.Ask(5), std::nullopt);
  EXPECT_FALSE(turn.IsOver(5));
  EXPECT_TRUE(turn.IsOver(3));
  EXPECT_EQ(turn.Next(), 5);
  EXPECT_EQ(turn.Next(), std::nullopt);
}

TEST(CrowdTurnTest, NobodyHasItWhileItRests) {
  CrowdTurn turn;
  turn.Ask(3);
  turn.Rest();
  EXPECT_FALSE(turn.IsOver(3));
  EXPECT_EQ(turn.Ask(3), std::nullopt);
  EXPECT_EQ(turn.Next(), 3);
}

TEST(CrowdTurnTest, WhoWithdrawsIsPassedOver) {
  CrowdTurn turn;
  turn.Ask(3);
  turn.Ask(5);
  turn.Ask(7);
  EXPECT_TRUE(turn.Withdraw(5));
  EXPECT_FALSE(turn.Withdraw(5));
  EXPECT_FALSE(turn.Withdraw(3));  // it has it
  EXPECT_EQ(turn.Next(), 7);
}

}  // namespace
}  // namespace budget
