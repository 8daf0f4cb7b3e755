#include "server/rpc/read_pool.h"

#include <string>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace budget {
namespace {

constexpr CallerId kFlood = 1;
constexpr CallerId kOther = 2;

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

TEST(ReadPoolTest, ServesCallersInTurn) {
  absl::Notification began, end;
  std::string order;  // of one thread
  {
    ReadPool pool({.threads = 1});
    pool.Submit(ReadLength::kShort, kFlood, [&] {
      began.Notify();
      end.WaitForNotification();
    });
    began.WaitForNotification();
    for (const char name : {'a', 'b', 'c'}) {
      pool.Submit(ReadLength::kShort, kFlood, [&, name] { order += name; });
    }
    pool.Submit(ReadLength::kShort, kOther, [&] { order += 'x'; });
    end.Notify();
  }
  EXPECT_EQ(order, "axbc");
}

}  // namespace
}  // namespace budget
