#include "server/lane/later.h"

#include <optional>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace budget {
namespace {

using ::testing::ElementsAre;

TEST(LaterTest, RunsWhatIsDueWhateverElseWaits) {
  Later later;
  absl::Notification ran;
  later.After(absl::Hours(1), [] {});
  later.After(absl::ZeroDuration(), [&] { ran.Notify(); });
  ran.WaitForNotification();
}

TEST(LaterTest, RunsWhatComesWhenThereWasNothing) {
  Later later;
  for (int i = 0; i < 1000; ++i) {
    absl::Notification ran;
    later.After(absl::Microseconds(i % 3), [&] { ran.Notify(); });
    ran.WaitForNotification();
  }
}

TEST(LaterTest, RunsNothingBeforeItsTime) {
  Later later;
  absl::Notification ran;
  const absl::Time before = absl::Now();
  later.After(absl::Milliseconds(20), [&] { ran.Notify(); });
  ran.WaitForNotification();
  EXPECT_GE(absl::Now() - before, absl::Milliseconds(20));
}

TEST(LaterTest, InAHurryNothingWaits) {
  Later later;
  absl::Notification before, after;
  later.After(absl::Hours(1), [&] { before.Notify(); });
  later.Hurry();
  later.After(absl::Hours(1), [&] { after.Notify(); });
  before.WaitForNotification();
  after.WaitForNotification();
}

TEST(LaterTest, RunsWhatIsLeftInOrderBeforeItEnds) {
  std::vector<int> ran;
  std::optional<Later> later(std::in_place);
  later->After(absl::Hours(2), [&] { ran.push_back(2); });
  later->After(absl::Hours(1), [&] { ran.push_back(1); });
  later.reset();
  EXPECT_THAT(ran, ElementsAre(1, 2));
}

}  // namespace
}  // namespace budget
