#include "server/lane/crowding.h"

#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace budget {
namespace {

using absl::Seconds;

constexpr CallerId kFlood = 1;
constexpr CallerId kOther = 2;
constexpr CallerId kThird = 3;
constexpr int kLane = 0;
constexpr int kElsewhere = 1;

class CrowdingTest : public ::testing::Test {
 protected:
  void Serve(std::vector<CallerId> callers) {
    std::vector<Part> parts;
    for (const CallerId caller : callers) {
      auto submission = std::make_shared<Submission>();
      submission->caller = caller;
      parts.push_back({.submission = std::move(submission)});
    }
    crowding_.Served(parts, now_);
  }
  void Refuse(CallerId caller) { crowding_.Refused(kLane, caller, now_); }
  bool Crowds(CallerId caller, int lane = kLane) const {
    return crowding_.Crowds(lane, caller, now_);
  }

  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  Crowding crowding_;
};

TEST_F(CrowdingTest, WhoIsRefusedWhileOthersAreServedCrowdsThatLane) {
  Refuse(kFlood);
  Serve({kOther});
  EXPECT_TRUE(Crowds(kFlood));
  EXPECT_FALSE(Crowds(kOther));
  EXPECT_FALSE(Crowds(kFlood, kElsewhere));
}

TEST_F(CrowdingTest, WhoIsRefusedNothingDoesNot) {
  Serve({kFlood});
  Serve({kOther});
  EXPECT_FALSE(Crowds(kFlood));
}

TEST_F(CrowdingTest, NobodyIsAnotherToItself) {
  Refuse(kFlood);
  Serve({kFlood});
  EXPECT_FALSE(Crowds(kFlood));
}

TEST_F(CrowdingTest, WhatTheServiceDoesByItselfIsNobodys) {
  Refuse(kFlood);
  Serve({kTheService});
  EXPECT_FALSE(Crowds(kFlood));
}

TEST_F(CrowdingTest, WhoIsServedInBetweenDoesNotHideOthers) {
  Refuse(kFlood);
  Serve({kOther});
  for (int i = 0; i < 5; ++i) Serve({kFlood});
  EXPECT_TRUE(Crowds(kFlood));
}

TEST_F(CrowdingTest, FindsOthersInABatchTogetherWithIt) {
  Refuse(kFlood);
  Serve({kFlood, kFlood, kOther, kFlood});
  EXPECT_TRUE(Crowds(kFlood));
}

TEST_F(CrowdingTest, TwoMayCrowdOneLane) {
  Refuse(kFlood);
  Refuse(kThird);
  Serve({kFlood, kThird});
  EXPECT_TRUE(Crowds(kFlood));
  EXPECT_TRUE(Crowds(kThird));
}

TEST_F(CrowdingTest, IsForgottenOnceNothingIsRefusedAnyMore) {
  Refuse(kFlood);
  now_ += Seconds(5);
  Serve({kOther});
  EXPECT_FALSE(Crowds(kFlood));
}

TEST_F(CrowdingTest, OthersAreForgottenToo) {
  Serve({kOther});
  now_ += Seconds(5);
  Refuse(kFlood);
  EXPECT_FALSE(Crowds(kFlood));
}

TEST_F(CrowdingTest, IsForgottenWhereTheClockIsSetBack) {
  Refuse(kFlood);
  now_ -= Seconds(3600);
  Serve({kOther});
  EXPECT_FALSE(Crowds(kFlood));
}

}  // namespace
}  // namespace budget
