#include "server/lane/retry_spread.h"

#include <array>

#include "gtest/gtest.h"

namespace budget {
namespace {

TEST(RetrySpreadTest, BringsCallersBackEvenlyAroundTheWait) {
  RetrySpread spread;
  std::array<int, 10> tenths{};
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration after = spread.After(absl::Seconds(1));
    ASSERT_GE(after, absl::Milliseconds(500));
    ASSERT_LT(after, absl::Milliseconds(1500));
    ++tenths[static_cast<size_t>(
        (after - absl::Milliseconds(500)) / absl::Milliseconds(100))];
  }
  for (const int callers : tenths) EXPECT_NEAR(callers, 100, 5);
}

TEST(RetrySpreadTest, KeepsWithinWhatMakesSense) {
  RetrySpread spread;
  EXPECT_GE(spread.After(absl::ZeroDuration()), absl::Milliseconds(50));
  EXPECT_LE(spread.After(absl::InfiniteDuration()), absl::Seconds(15));
}

}  // namespace
}  // namespace budget
