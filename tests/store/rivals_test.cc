#include "server/store/postgres/rivals.h"

#include <gtest/gtest.h>

namespace budget {
namespace {

constexpr int kLane = 3;
constexpr absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TEST(RivalsTest, AreMetByWhoWaits) {
  Rivals rivals;
  EXPECT_FALSE(rivals.MetLately(kLane, kNow));
  rivals.Note(kLane, absl::Milliseconds(2), kNow);
  EXPECT_TRUE(rivals.MetLately(kLane, kNow));
  EXPECT_FALSE(rivals.MetLately(kLane + 1, kNow));
}

TEST(RivalsTest, AreNotMetByWhoGetsTheLockAtOnce) {
  Rivals rivals;
  rivals.Note(kLane, absl::Microseconds(100), kNow);
  EXPECT_FALSE(rivals.MetLately(kLane, kNow));
}

TEST(RivalsTest, AreLookedForAgainAfterASecond) {
  Rivals rivals;
  rivals.Note(kLane, absl::Milliseconds(2), kNow);
  EXPECT_FALSE(rivals.MetLately(kLane, kNow + absl::Seconds(1)));
}

TEST(RivalsTest, AreLookedForAgainWhereTheClockIsSetBack) {
  Rivals rivals;
  rivals.Note(kLane, absl::Milliseconds(2), kNow);
  EXPECT_FALSE(rivals.MetLately(kLane, kNow - absl::Hours(1)));
}

}  // namespace
}  // namespace budget
