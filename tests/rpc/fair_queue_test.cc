#include "server/rpc/fair_queue.h"

#include <string>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "server/rpc/read_pool.h"

namespace budget {
namespace {

constexpr CallerId kFlood = 1;
constexpr CallerId kOther = 2;
constexpr CallerId kThird = 3;

class FairQueueTest : public ::testing::Test {
 protected:
  bool Push(CallerId caller, char name) {
    return queue_.Push(caller, [this, name] { ran_ += name; });
  }
  // The names of all that waited, in the order in which they run.
  std::string Run() {
    ran_.clear();
    while (!queue_.empty()) queue_.Pop()();
    return ran_;
  }

  FairQueue queue_{4};
  std::string ran_;
};

TEST_F(FairQueueTest, ServesOneCallerInOrder) {
  Push(kFlood, 'a'), Push(kFlood, 'b'), Push(kFlood, 'c');
  EXPECT_EQ(Run(), "abc");
}

TEST_F(FairQueueTest, ServesCallersInTurn) {
  Push(kFlood, 'a'), Push(kFlood, 'b'), Push(kFlood, 'c');
  Push(kOther, 'x'), Push(kThird, 'y');
  EXPECT_EQ(Run(), "axybc");
}

TEST_F(FairQueueTest, WhoIsAloneMayFillIt) {
  for (const char name : {'a', 'b', 'c', 'd'}) EXPECT_TRUE(Push(kFlood, name));
  EXPECT_FALSE(Push(kFlood, 'e'));
  EXPECT_EQ(Run(), "abcd");
}

TEST_F(FairQueueTest, WhoComesToAFullOneIsLetIn) {
  for (const char name : {'a', 'b', 'c', 'd'}) Push(kFlood, name);
  EXPECT_TRUE(Push(kOther, 'x'));
  EXPECT_FALSE(Push(kFlood, 'e'));
  EXPECT_EQ(Run(), "axbcd");
}

TEST_F(FairQueueTest, CallersHaveEqualPartsOfTheRoom) {
  Push(kFlood, 'a');
  EXPECT_TRUE(Push(kOther, 'x') && Push(kOther, 'y'));
  EXPECT_FALSE(Push(kOther, 'z'));
  EXPECT_TRUE(Push(kFlood, 'b'));
  EXPECT_FALSE(Push(kFlood, 'c'));
}

TEST(ReadPoolTest, ServesWhoComesToAQueueFullOfAnother) {
  absl::Notification end, ran;
  ReadPool pool({.threads = 1, .queue_max = 2});
  absl::Notification began;
  pool.Submit(ReadLength::kShort, kFlood, [&] {
    began.Notify();
    end.WaitForNotification();
  });
  began.WaitForNotification();
  EXPECT_TRUE(pool.Submit(ReadLength::kShort, kFlood, [] {}));
  EXPECT_TRUE(pool.Submit(ReadLength::kShort, kFlood, [] {}));
  EXPECT_FALSE(pool.Submit(ReadLength::kShort, kFlood, [] {}));
  EXPECT_TRUE(
      pool.Submit(ReadLength::kShort, kOther, [&] { ran.Notify(); }));
  end.Notify();
  ran.WaitForNotification();
}

}  // namespace
}  // namespace budget
