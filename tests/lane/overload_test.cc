// What becomes of a lane that is offered more than it can do, in virtual time:
// callers that come at a steady rate, give up at their deadline, and settle
// what they were granted.

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/lane/lane.h"

namespace budget {
namespace {

using absl::Microseconds;
using absl::Milliseconds;
using absl::Seconds;

// A store whose batch takes a fixed time and some for each operation.
struct StoreSpeed {
  absl::Duration each_batch = Milliseconds(2);
  absl::Duration each_operation = Microseconds(100);
};

// Operations answered in time, since the last look.
struct Served {
  int holds_of_other = 0;
  int shed_of_other = 0;
  int holds = 0;
  int settles = 0;
  int shed = 0;
  int shed_settles = 0;
};

constexpr CallerId kFleet = 1;
constexpr CallerId kOther = 2;

class OverloadedLane {
 public:
  OverloadedLane(StoreSpeed speed, absl::Duration patience)
      : speed_(speed), patience_(patience) {}

  // Goes on for `duration` with so many new holds a second, and so many of
  // another caller.
  Served Go(absl::Duration duration, int holds_per_second, int of_other = 0) {
    served_ = {};
    const absl::Time end = now_ + duration;
    const absl::Duration gap = Seconds(1) / holds_per_second;
    next_hold_ = now_ + gap;
    gap_of_other_ =
        of_other == 0 ? absl::InfiniteDuration() : Seconds(1) / of_other;
    next_of_other_ = now_ + gap_of_other_;
    while (now_ < end) {
      if (!lane_.BecomesReady(now_)) {
        Arrive(std::min(next_hold_, next_of_other_), gap);
        continue;
      }
      RunBatch(gap);
    }
    return served_;
  }

 private:
  void RunBatch(absl::Duration gap) {
    const Lane::Batch batch = lane_.Pop(now_);
    absl::Duration cost = speed_.each_batch;
    for (const Part& part : batch.parts) {
      cost += speed_.each_operation * static_cast<int64_t>(part.indexes.size());
    }
    Arrive(now_ + cost, gap);
    lane_.Finish(now_);
    for (const Part& part : batch.parts) Answer(part);
  }

  // Lets time pass until `until`, with the callers that come meanwhile.
  void Arrive(absl::Time until, absl::Duration gap) {
    while (std::min(next_hold_, next_of_other_) <= until) {
      now_ = std::min(next_hold_, next_of_other_);
      if (now_ == next_hold_) {
        if (!Enter(Effect::kHolds, kFleet)) ++served_.shed;
        next_hold_ += gap;
      } else {
        if (!Enter(Effect::kHolds, kOther)) ++served_.shed_of_other;
        next_of_other_ += gap_of_other_;
      }
    }
    now_ = until;
  }

  void Answer(const Part& part) {
    if (part.submission->deadline < now_) return;
    if (part.effect == Effect::kOnlyFrees) {
      ++served_.settles;
      return;
    }
    const CallerId caller = part.submission->caller;
    ++(caller == kOther ? served_.holds_of_other : served_.holds);
    if (!Enter(Effect::kOnlyFrees, caller)) ++served_.shed_settles;
  }

  bool Enter(Effect effect, CallerId caller) {
    auto submission = std::make_shared<Submission>();
    submission->caller = caller;
    submission->deadline = now_ + patience_;
    Part part{.submission = std::move(submission), .effect = effect};
    part.indexes.resize(1);
    return !lane_.Push(part, now_);
  }

  const StoreSpeed speed_;
  const absl::Duration patience_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  absl::Time next_hold_;
  absl::Time next_of_other_;
  absl::Duration gap_of_other_;
  Lane lane_{LaneOptions{.batch_operations_max = 512,
                         .queue_operations_max = 10'000,
                         .queue_wait_max = Milliseconds(100)}};
  Served served_;
};

// Two operations for each hold that is granted, 100 us each and a little more.
constexpr int kSustainable = 4'800;

class OverloadTest : public ::testing::TestWithParam<absl::Duration> {};

TEST_P(OverloadTest, KeepsItsGoodputAtThreeTimesTheLoad) {
  OverloadedLane lane({}, GetParam());
  const Served peak = lane.Go(Seconds(10), kSustainable);
  EXPECT_EQ(peak.shed, 0);
  const Served over = lane.Go(Seconds(30), 3 * kSustainable);
  EXPECT_GT(over.holds / 3, peak.holds * 8 / 10);
  EXPECT_GT(over.settles / 3, peak.settles * 8 / 10);
  EXPECT_EQ(over.shed_settles, 0);
}

TEST_P(OverloadTest, RecoversAtOnceWhenTheLoadFalls) {
  OverloadedLane lane({}, GetParam());
  lane.Go(Seconds(30), 3 * kSustainable);
  lane.Go(Seconds(5), kSustainable * 8 / 10);
  const Served after = lane.Go(Seconds(10), kSustainable * 8 / 10);
  EXPECT_EQ(after.shed, 0);
  EXPECT_NEAR(after.holds, kSustainable * 8, kSustainable / 100);
}

TEST_P(OverloadTest, AnotherCallerIsServedAllThatItAsksFor) {
  constexpr int kOfOther = 500;
  OverloadedLane lane({}, GetParam());
  const Served peak = lane.Go(Seconds(10), kSustainable);
  const Served over = lane.Go(Seconds(30), 3 * kSustainable, kOfOther);
  EXPECT_EQ(over.shed_of_other, 0);
  EXPECT_NEAR(over.holds_of_other, kOfOther * 30, kOfOther / 10);
  EXPECT_GT((over.holds + over.holds_of_other) / 3, peak.holds * 8 / 10);
  EXPECT_EQ(over.shed_settles, 0);
}

INSTANTIATE_TEST_SUITE_P(Patience, OverloadTest,
                         ::testing::Values(Milliseconds(250), Seconds(1),
                                           Seconds(2), Seconds(30)),
                         [](const auto& info) {
                           return absl::StrCat(absl::ToInt64Milliseconds(
                                                   info.param),
                                               "ms");
                         });

}  // namespace
}  // namespace budget
