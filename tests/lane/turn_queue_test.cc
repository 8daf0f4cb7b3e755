#include "server/lane/turn_queue.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace budget {
namespace {

constexpr CallerId kFlood = 1;
constexpr CallerId kOther = 2;
constexpr CallerId kThird = 3;

class TurnQueueTest : public ::testing::Test {
 protected:
  void Push(CallerId caller, size_t size = 1) {
    queue_.Push(caller, size, std::to_string(caller));
  }
  // The callers of the next items, "1121".
  std::string Pop(int items) {
    std::string callers;
    for (int i = 0; i < items; ++i) callers += queue_.Pop();
    return callers;
  }

  TurnQueue<std::string> queue_;
};

TEST_F(TurnQueueTest, ServesCallersInTurn) {
  for (int i = 0; i < 4; ++i) Push(kFlood);
  Push(kOther), Push(kOther), Push(kThird);
  EXPECT_EQ(Pop(7), "1231211");
  EXPECT_TRUE(queue_.empty());
}

TEST_F(TurnQueueTest, ServesOneCallerInOrder) {
  for (const char* item : {"a", "b", "c"}) queue_.Push(kFlood, 1, item);
  EXPECT_EQ(Pop(3), "abc");
}

TEST_F(TurnQueueTest, WhoComesLaterDoesNotWaitForAWholeQueue) {
  for (int i = 0; i < 10; ++i) Push(kFlood);
  Pop(3);
  Push(kOther);
  EXPECT_EQ(Pop(3), "211");
}

TEST_F(TurnQueueTest, CountsWhatItemsCount) {
  for (int i = 0; i < 3; ++i) Push(kFlood, 4);
  for (int i = 0; i < 6; ++i) Push(kOther);
  EXPECT_EQ(Pop(9), "122221221");
}

TEST_F(TurnQueueTest, WhoHadMuchIsStillBehindWhenItComesBack) {
  Push(kFlood, 4);
  for (int i = 0; i < 4; ++i) Push(kOther);
  EXPECT_EQ(Pop(2), "12");
  Push(kFlood);
  EXPECT_EQ(Pop(4), "2221");
}

TEST_F(TurnQueueTest, WhatSomebodyHadIsForgottenOnceNobodyWaits) {
  Push(kFlood, 100);
  Pop(1);
  Push(kOther), Push(kOther), Push(kFlood);
  EXPECT_EQ(Pop(3), "122");
}

TEST_F(TurnQueueTest, ShowsAllThatWait) {
  Push(kFlood), Push(kFlood), Push(kOther);
  Pop(1);
  std::multiset<std::string> seen;
  queue_.ForEach([&](const std::string& item) { seen.insert(item); });
  EXPECT_EQ(seen, (std::multiset<std::string>{"1", "2"}));
}

TEST_F(TurnQueueTest, RemembersNoMoreThanAThousandOrTwiceWhoWaits) {
  CallerId caller = 1;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 100; ++i) Push(caller++);
    Pop(99);
  }
  EXPECT_LE(queue_.flows(), 1000);
  while (!queue_.empty()) queue_.Pop();
  EXPECT_EQ(queue_.flows(), 0);
}

TEST(SharesTest, WhoHasLittleWaitsForLittle) {
  Shares shares;
  shares.Add(kFlood, 1000);
  EXPECT_EQ(shares.Before(kFlood, 1), 1000);
  EXPECT_EQ(shares.Before(kOther, 1), 1);
  EXPECT_EQ(shares.Before(kOther, 2000), 1000);
  shares.Add(kOther, 10);
  EXPECT_EQ(shares.Before(kOther, 1), 21);
  EXPECT_EQ(shares.Before(kFlood, 1), 1010);
}

TEST(SharesTest, OfVeryManyCallersNobodyIsToldTooLittle) {
  Shares shares;
  for (CallerId caller = 1; caller <= 100; ++caller) shares.Add(caller, 500);
  EXPECT_EQ(shares.Before(1000, 500), 50'000);
  EXPECT_EQ(shares.Before(1000, 1), 100);
}

TEST(SharesTest, CallersHaveEqualPartsOfTheRoom) {
  Shares shares;
  shares.Add(kFlood, 3);
  EXPECT_TRUE(shares.HasRoom(kFlood, 6));
  shares.Add(kOther, 3);
  EXPECT_FALSE(shares.HasRoom(kFlood, 6));
  EXPECT_FALSE(shares.HasRoom(kOther, 6));
  EXPECT_TRUE(shares.HasRoom(kThird, 6));
}

TEST(SharesTest, AllTogetherHaveNoMoreThanTwiceTheRoom) {
  Shares shares;
  CallerId caller = 1;
  while (shares.HasRoom(caller, 10)) shares.Add(caller++, 1);
  EXPECT_EQ(shares.total(), 20);
}

TEST(SharesTest, KnowsWhoHasItsShare) {
  Shares shares;
  EXPECT_FALSE(shares.HasItsShare(kFlood));
  shares.Add(kFlood, 3);
  EXPECT_TRUE(shares.HasItsShare(kFlood));
  shares.Add(kOther, 1);
  EXPECT_TRUE(shares.HasItsShare(kFlood));
  EXPECT_FALSE(shares.HasItsShare(kOther));
  shares.Remove(kFlood, 3);
  EXPECT_FALSE(shares.HasItsShare(kFlood));
}

}  // namespace
}  // namespace budget
