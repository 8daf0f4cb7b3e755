#include "tests/chaos/recording_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/fake_service.h"

namespace budget::chaos {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const Intent kReserve{.verb = Verb::kReserve, .amounts = {1, 1, 1}};

grpc::Status Lost() {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection reset");
}
grpc::Status Refusal() {
  return WireError(grpc::StatusCode::UNAVAILABLE, "full", "OVERLOADED", 0);
}
grpc::Status Denial() {
  return WireError(grpc::StatusCode::RESOURCE_EXHAUSTED, "no",
                   "BUDGET_EXHAUSTED");
}

class RecordingClientTest : public ::testing::Test {
 protected:
  std::vector<Answer> AnswersTo(const Intent& intent,
                                std::vector<grpc::Status> answers) {
    service_.FailWith(std::move(answers));
    client_.Do(intent);
    std::vector<Answer> recorded;
    for (const Call& call : history_.TakeCalls()) {
      recorded.push_back(call.answer);
    }
    return recorded;
  }

  FakeService service_;
  History history_;
  RecordingClient client_{{service_.endpoint()}, {}, history_};
};

TEST_F(RecordingClientTest, WritesDownOneCallForAllAttemptsThatEndWithOk) {
  EXPECT_THAT(AnswersTo(kReserve, {Lost(), grpc::Status::OK}),
              ElementsAre(Answer::kOk));
}

TEST_F(RecordingClientTest, ADenialSaysNothingOfTheAttemptBeforeIt) {
  EXPECT_THAT(AnswersTo(kReserve, {Lost(), Denial()}),
              UnorderedElementsAre(Answer::kUnknown, Answer::kDenied));
}

TEST_F(RecordingClientTest, ARefusedAttemptHasDoneNothing) {
  EXPECT_THAT(AnswersTo(kReserve, {Refusal(), Denial()}),
              ElementsAre(Answer::kDenied));
}

TEST_F(RecordingClientTest, DoubtEndsWithItsCall) {
  AnswersTo(kReserve, {Lost(), grpc::Status::OK});
  EXPECT_THAT(AnswersTo(kReserve, {Denial()}), ElementsAre(Answer::kDenied));
}

}  // namespace
}  // namespace budget::chaos
