#include "server/lane/crowding.h"

#include <memory>
#include <vector>

#include "gtest/gtest.h"

namespace budget {
namespace {

using absl::Milliseconds;
using absl::Seconds;

constexpr Place kFlood = {.lane = 0, .caller = 1};
constexpr Place kBeside = {.lane = 0, .caller = 2};  // in the same lane
constexpr Place kOther = {.lane = 1, .caller = 2};
constexpr Place kThird = {.lane = 2, .caller = 3};

class CrowdingTest : public ::testing::Test {
 protected:
  // One batch after the other, of callers in one lane: how long the next one of
  // a crowd is then to wait.
  absl::Duration Serve(std::vector<Place> places, absl::Duration took) {
    std::vector<Part> parts;
    for (const Place& place : places) {
      auto submission = std::make_shared<Submission>();
      submission->caller = place.caller;
      parts.push_back({.submission = std::move(submission)});
    }
    now_ += took;
    return crowding_.Served(places.front().lane, parts, took, now_);
  }
  void Crowd(const Place& place) { crowding_.Add(place, now_); }
  bool Crowds(const Place& place) { return crowding_.Crowds(place, now_); }
  bool HasOthers(const Place& place) const {
    return crowding_.HasOthers(place, now_);
  }
  bool GivesWay() const { return crowding_.GivesWay(now_); }

  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  Crowding crowding_;
};

TEST_F(CrowdingTest, WhoDoesNotCrowdNeverRests) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Serve({kFlood}, Milliseconds(10)), absl::ZeroDuration());
    EXPECT_EQ(Serve({kOther}, Milliseconds(10)), absl::ZeroDuration());
  }
  EXPECT_FALSE(Crowds(kFlood));
}

TEST_F(CrowdingTest, WhoIsAloneNeverRests) {
  for (int i = 0; i < 3; ++i) {
    Crowd(kFlood);
    EXPECT_EQ(Serve({kFlood}, Milliseconds(10)), absl::ZeroDuration());
    EXPECT_FALSE(GivesWay());
    EXPECT_FALSE(HasOthers(kFlood));
  }
}

TEST_F(CrowdingTest, WhatWasServedBeforeItCrowdedIsNoOther) {
  Serve({kFlood}, Milliseconds(10));
  Crowd(kFlood);
  EXPECT_FALSE(HasOthers(kFlood));
}

TEST_F(CrowdingTest, IsOfOneCallerInOneLane) {
  Crowd(kFlood);
  EXPECT_TRUE(Crowds(kFlood));
  EXPECT_FALSE(Crowds(kBeside));
  EXPECT_FALSE(Crowds({.lane = kOther.lane, .caller = kFlood.caller}));
}

TEST_F(CrowdingTest, GivesWayToOthersThatAreBusy) {
  Crowd(kFlood);
  Serve({kFlood}, Milliseconds(10));
  Serve({kOther}, Milliseconds(5));
  EXPECT_TRUE(HasOthers(kFlood));
  EXPECT_EQ(Serve({kFlood}, Milliseconds(10)), Milliseconds(90));
  EXPECT_TRUE(GivesWay());
}

TEST_F(CrowdingTest, GivesWayToOthersInItsLane) {
  Crowd(kFlood);
  Serve({kFlood}, Milliseconds(10));
  EXPECT_EQ(Serve({kFlood, kBeside}, Milliseconds(5)), absl::ZeroDuration());
  EXPECT_EQ(Serve({kFlood}, Milliseconds(10)), Milliseconds(90));
}

TEST_F(CrowdingTest, CountsWhatOthersGetWhileItRests) {
  Crowd(kFlood);
  Serve({kFlood}, Milliseconds(10));
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 4; ++j) Serve({kOther}, Milliseconds(2));
    EXPECT_EQ(Serve({kFlood}, Milliseconds(2)), Milliseconds(18));
  }
}

TEST_F(CrowdingTest, NeverRestsForLong) {
  Crowd(kFlood);
  Serve({kFlood}, Milliseconds(10));
  Serve({kOther}, Seconds(4));
  EXPECT_EQ(Serve({kFlood}, Milliseconds(900)), Milliseconds(250));
}

TEST_F(CrowdingTest, IsForgottenWhereTheClockIsSetBack) {
  Serve({kFlood}, Milliseconds(10));
  Crowd(kFlood);
  now_ -= Seconds(3600);
  Serve({kOther}, Milliseconds(10));
  EXPECT_FALSE(Crowds(kFlood));
}

TEST_F(CrowdingTest, DoesNotRestForWhoAsksNowAndThen) {
  Crowd(kFlood);
  Serve({kFlood}, Milliseconds(10));
  Serve({kOther}, Milliseconds(5));
  EXPECT_EQ(Serve({kFlood}, Milliseconds(95)), absl::ZeroDuration());
  EXPECT_FALSE(GivesWay());
  // But what it is refused is in the way of them too.
  EXPECT_TRUE(HasOthers(kFlood));
}

TEST_F(CrowdingTest, DoesNotRestForOthersThatCrowdToo) {
  for (int i = 0; i < 3; ++i) {
    Crowd(kFlood);
    Crowd(kOther);
    EXPECT_EQ(Serve({kFlood}, Milliseconds(10)), absl::ZeroDuration());
    EXPECT_EQ(Serve({kOther}, Milliseconds(10)), absl::ZeroDuration());
  }
  EXPECT_FALSE(HasOthers(kFlood));
  Serve({kThird}, Milliseconds(20));
  EXPECT_TRUE(HasOthers(kFlood));
  // Together they have no more than one of them would have.
  EXPECT_EQ(Serve({kFlood}, Milliseconds(10)), Milliseconds(90));
}

TEST_F(CrowdingTest, IsForgottenAfterAWhile) {
  Serve({kFlood}, Milliseconds(10));
  Crowd(kFlood);
  now_ += Seconds(5);
  Serve({kOther}, Milliseconds(10));
  EXPECT_FALSE(Crowds(kFlood));
  EXPECT_EQ(Serve({kFlood}, Milliseconds(10)), absl::ZeroDuration());
}

TEST_F(CrowdingTest, OthersAreForgottenToo) {
  Crowd(kFlood);
  Serve({kFlood}, Milliseconds(10));
  Serve({kOther}, Milliseconds(10));
  Serve({kFlood}, Milliseconds(10));
  ASSERT_TRUE(GivesWay());
  now_ += Seconds(5);
  EXPECT_FALSE(GivesWay());
  EXPECT_FALSE(HasOthers(kFlood));
}

}  // namespace
}  // namespace budget
