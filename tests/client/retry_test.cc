#include "budget/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "google/rpc/error_details.pb.h"

#include "absl/strings/cord.h"

namespace budget {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A clock that only sleeping moves.
class RetryTest : public ::testing::Test {
 protected:
  RetryTest() {
    policy_.backoff = [](int failures) { return absl::Seconds(failures); };
    policy_.now = [this] { return now_; };
    policy_.sleep = [this](absl::Duration duration) {
      sleeps_.push_back(duration);
      now_ += duration;
    };
  }

  // Runs against answers in order; the last one is repeated.
  absl::Status Run(std::vector<absl::Status> answers, int endpoints = 1,
                   absl::Duration timeout = absl::Seconds(60)) {
    return RunWithRetries(policy_, now_ + timeout, endpoints, [&](absl::Time) {
      const absl::Status answer = answers.front();
      if (answers.size() > 1) answers.erase(answers.begin());
      ++attempts_;
      return answer;
    });
  }

  static absl::Status Unavailable(absl::Duration retry_after,
                                  const std::string& reason) {
    absl::Status status = absl::UnavailableError("busy");
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(retry_after));
    status.SetPayload("type.googleapis.com/google.rpc.RetryInfo",
                      absl::Cord(retry.SerializeAsString()));
    google::rpc::ErrorInfo info;
    info.set_domain("budget.v1");
    info.set_reason(reason);
    status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo",
                      absl::Cord(info.SerializeAsString()));
    return status;
  }

  RetryPolicy policy_;
  absl::Time now_ = absl::UnixEpoch();
  std::vector<absl::Duration> sleeps_;
  int attempts_ = 0;
};

const absl::Status kGone = absl::UnavailableError("gone");

TEST_F(RetryTest, AnswersAtOnceWhenTheFirstAttemptSucceeds) {
  EXPECT_TRUE(Run({absl::OkStatus()}).ok());
  EXPECT_EQ(attempts_, 1);
  EXPECT_THAT(sleeps_, IsEmpty());
}

TEST_F(RetryTest, RetriesUnavailableWithGrowingWaits) {
  EXPECT_TRUE(Run({kGone, kGone, kGone, absl::OkStatus()}).ok());
  EXPECT_THAT(sleeps_, ElementsAre(absl::Seconds(1), absl::Seconds(2),
                                   absl::Seconds(3)));
}

TEST_F(RetryTest, RetriesNothingButUnavailable) {
  for (const auto code :
       {absl::StatusCode::kResourceExhausted, absl::StatusCode::kAborted,
        absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kInternal,
        absl::StatusCode::kFailedPrecondition}) {
    attempts_ = 0;
    EXPECT_EQ(Run({absl::Status(code, "")}).code(), code);
    EXPECT_EQ(attempts_, 1);
  }
}

TEST_F(RetryTest, WaitsAtLeastAsLongAsTheServerAsks) {
  EXPECT_TRUE(Run({Unavailable(absl::Seconds(7), "OVERLOADED"),
                   absl::OkStatus()}).ok());
  EXPECT_THAT(sleeps_, ElementsAre(absl::Seconds(7)));
}

TEST_F(RetryTest, TriesEveryEndpointBeforeItWaits) {
  EXPECT_TRUE(Run({kGone, kGone, kGone, absl::OkStatus()}, 3).ok());
  EXPECT_THAT(sleeps_, ElementsAre(absl::Seconds(1)));
}

TEST_F(RetryTest, LeavesAReplicaThatDrainsAtOnce) {
  EXPECT_TRUE(Run({Unavailable(absl::Seconds(9), "DRAINING"),
                   absl::OkStatus()}, 2).ok());
  EXPECT_THAT(sleeps_, IsEmpty());
}

TEST_F(RetryTest, DoesNotBeginAWaitThatPassesTheDeadline) {
  EXPECT_EQ(Run({kGone}, 1, absl::Seconds(4)), kGone);
  EXPECT_THAT(sleeps_, ElementsAre(absl::Seconds(1), absl::Seconds(2)));
}

TEST_F(RetryTest, StopsAfterTheAttemptsAllowed) {
  policy_.attempts_max = 3;
  EXPECT_EQ(Run({kGone}), kGone);
  EXPECT_EQ(attempts_, 3);
}

TEST(ExponentialBackoffTest, StaysWithinItsBounds) {
  const BackoffPolicy backoff =
      ExponentialBackoff({absl::Milliseconds(10), absl::Milliseconds(100), 2.0});
  for (int failures = 1; failures <= 200; ++failures) {
    EXPECT_GE(backoff(failures), absl::Milliseconds(5));
    EXPECT_LE(backoff(failures), absl::Milliseconds(100));
  }
}

}  // namespace
}  // namespace budget
