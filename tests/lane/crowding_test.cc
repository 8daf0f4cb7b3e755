#include "server/lane/crowding.h"

#include "gtest/gtest.h"

namespace budget {
namespace {

using absl::Milliseconds;
using absl::Seconds;

constexpr int kFlood = 0;
constexpr int kOther = 1;
constexpr int kThird = 2;

class CrowdingTest : public ::testing::Test {
 protected:
  // One batch after the other: how long the lane is then to rest.
  absl::Duration Serve(int lane, absl::Duration took) {
    crowding_.Begin(lane, now_);
    now_ += took;
    return crowding_.End(lane, now_);
  }
  void Refuse(int lane) { crowding_.Refused(lane, now_); }
  bool CrowdsOutOthers(int lane) const {
    return crowding_.CrowdsOutOthers(lane, now_);
  }

  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  Crowding crowding_{3};
};

TEST_F(CrowdingTest, WhoRefusesNothingNeverRests) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Serve(kFlood, Milliseconds(10)), absl::ZeroDuration());
    EXPECT_EQ(Serve(kOther, Milliseconds(10)), absl::ZeroDuration());
  }
  EXPECT_FALSE(CrowdsOutOthers(kFlood));
}

TEST_F(CrowdingTest, WhoIsAloneNeverRests) {
  for (int i = 0; i < 3; ++i) {
    Refuse(kFlood);
    EXPECT_EQ(Serve(kFlood, Milliseconds(10)), absl::ZeroDuration());
    EXPECT_FALSE(crowding_.GivesWay(kFlood));
    EXPECT_FALSE(CrowdsOutOthers(kFlood));
  }
}

TEST_F(CrowdingTest, GivesWayToOthersThatAreBusy) {
  Serve(kFlood, Milliseconds(10));
  Refuse(kFlood);
  Serve(kOther, Milliseconds(5));
  EXPECT_TRUE(CrowdsOutOthers(kFlood));
  EXPECT_FALSE(CrowdsOutOthers(kOther));
  EXPECT_EQ(Serve(kFlood, Milliseconds(10)), Milliseconds(40));
  EXPECT_TRUE(crowding_.GivesWay(kFlood));
  EXPECT_FALSE(crowding_.GivesWay(kOther));
}

TEST_F(CrowdingTest, CountsWhatOthersGetWhileItRests) {
  Serve(kFlood, Milliseconds(10));
  Refuse(kFlood);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 4; ++j) Serve(kOther, Milliseconds(2));
    EXPECT_EQ(Serve(kFlood, Milliseconds(2)), Milliseconds(8));
  }
}

TEST_F(CrowdingTest, NeverRestsForLong) {
  Serve(kFlood, Milliseconds(10));
  Refuse(kFlood);
  Serve(kOther, Seconds(4));
  EXPECT_EQ(Serve(kFlood, Milliseconds(900)), Milliseconds(250));
}

TEST_F(CrowdingTest, IsForgottenWhereTheClockIsSetBack) {
  Serve(kFlood, Milliseconds(10));
  Refuse(kFlood);
  now_ -= Seconds(3600);
  Serve(kOther, Milliseconds(10));
  EXPECT_FALSE(CrowdsOutOthers(kFlood));
}

TEST_F(CrowdingTest, DoesNotRestForWhoAsksNowAndThen) {
  Serve(kFlood, Milliseconds(10));
  Refuse(kFlood);
  Serve(kOther, Milliseconds(5));
  EXPECT_EQ(Serve(kFlood, Milliseconds(95)), absl::ZeroDuration());
  EXPECT_FALSE(crowding_.GivesWay(kFlood));
  // But what it refuses is in the way of them too.
  EXPECT_TRUE(CrowdsOutOthers(kFlood));
}

TEST_F(CrowdingTest, DoesNotRestForOthersThatAreCrowdedToo) {
  for (int i = 0; i < 3; ++i) {
    Refuse(kFlood);
    Refuse(kOther);
    EXPECT_EQ(Serve(kFlood, Milliseconds(10)), absl::ZeroDuration());
    EXPECT_EQ(Serve(kOther, Milliseconds(10)), absl::ZeroDuration());
  }
  Serve(kThird, Milliseconds(20));
  EXPECT_EQ(Serve(kFlood, Milliseconds(10)), Milliseconds(40));
  EXPECT_EQ(Serve(kOther, Milliseconds(10)), Milliseconds(40));
}

TEST_F(CrowdingTest, IsForgottenOnceNothingIsRefusedAnyMore) {
  Serve(kFlood, Milliseconds(10));
  Refuse(kFlood);
  now_ += Seconds(5);
  Serve(kOther, Milliseconds(10));
  EXPECT_FALSE(CrowdsOutOthers(kFlood));
  EXPECT_EQ(Serve(kFlood, Milliseconds(10)), absl::ZeroDuration());
}

}  // namespace
}  // namespace budget
