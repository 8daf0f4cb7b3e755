#include "tests/chaos/recording_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/fake_service.h"

namespace budget::chaos {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const Intent kReserve{.verb = Verb::kReserve, .amounts = {1, 1, 1}};
const Intent kAdjust{.verb = Verb::kAdjust, .amounts = {1, 2, 1}};

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
grpc::Status Ended() {
  return WireError(grpc::StatusCode::FAILED_PRECONDITION, "too late",
                   "RESERVATION_ENDED");
}

class RecordingClientTest : public ::testing::Test {
 protected:
  std::vector<Answer> AnswersTo(const Intent& intent,
                                std::vector<grpc::Status> answers) {
    service_.FailWith(std::move(answers));
    client_.Do(intent);
    return Recorded();
  }
  // Of a Batch of Reserves that ends, after attempts that end in another way,
  // with these for each.
  std::vector<Answer> AnswersInBatch(std::vector<grpc::Status> attempts,
                                     std::vector<grpc::Status> operations) {
    service_.FailWith(std::move(attempts));
    service_.FailOperationsWith(operations);
    client_.DoBatch(std::vector<Intent>(operations.size(), kReserve));
    return Recorded();
  }

  // Of a call whose attempts end with these.
  std::vector<int> AttemptsOf(std::vector<grpc::Status> answers) {
    service_.FailWith(std::move(answers));
    client_.Do(kAdjust);
    std::vector<int> attempts;
    for (const Call& call : history_.TakeCalls()) {
      attempts.push_back(call.attempts);
    }
    return attempts;
  }

  std::vector<Answer> Recorded() {
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

TEST_F(RecordingClientTest, CountsTheAttemptsThatMayHaveTakenEffect) {
  EXPECT_THAT(AttemptsOf({Lost(), Refusal(), Lost(), grpc::Status::OK}),
              ElementsAre(3));
  EXPECT_THAT(AttemptsOf({grpc::Status::OK}), ElementsAre(1));
}

TEST_F(RecordingClientTest, TheAttemptsBeforeANoAreWithoutTheOneThatWasToldIt) {
  EXPECT_THAT(AttemptsOf({Lost(), Lost(), Ended()}),
              UnorderedElementsAre(2, 3));
}

TEST_F(RecordingClientTest, AnAttemptBeforeANoIsNoOperation) {
  EXPECT_EQ(AnswersTo(kReserve, {Lost(), Denial()}).size(), 2u);
  EXPECT_EQ(history_.operations(), 1);
}

TEST_F(RecordingClientTest, AnAdjustmentThatComesTooLateDidNothing) {
  EXPECT_THAT(AnswersTo(kAdjust, {Ended()}), ElementsAre(Answer::kOvertaken));
}

TEST_F(RecordingClientTest, ThatItIsTooLateSaysNothingOfTheAttemptBeforeIt) {
  EXPECT_THAT(AnswersTo(kAdjust, {Lost(), Ended()}),
              UnorderedElementsAre(Answer::kUnknown, Answer::kOvertaken));
}

TEST_F(RecordingClientTest, NobodyElseIsTooLate) {
  EXPECT_THAT(AnswersTo(kReserve, {Ended()}), ElementsAre(Answer::kFailed));
}

TEST_F(RecordingClientTest, EachCallOfABatchHasAnAnswerOfItsOwn) {
  EXPECT_THAT(AnswersInBatch({}, {grpc::Status::OK, Denial(), Refusal()}),
              ElementsAre(Answer::kOk, Answer::kDenied, Answer::kUnknown));
  EXPECT_EQ(history_.operations(), 3);
}

TEST_F(RecordingClientTest, TheCallsOfABatchShareAllButTheirPlaces) {
  client_.DoBatch({kReserve, kReserve});
  const std::vector<Call> calls = history_.TakeCalls();
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_NE(calls[0].batch, 0);
  EXPECT_EQ(calls[0].batch, calls[1].batch);
  EXPECT_EQ(calls[0].place, 0);
  EXPECT_EQ(calls[1].place, 1);
  EXPECT_EQ(calls[0].called, calls[1].called);
  EXPECT_EQ(calls[0].returned, calls[1].returned);
  EXPECT_EQ(calls[1].sequence, 2);
}

TEST_F(RecordingClientTest, BatchesAreTold) {
  client_.DoBatch({kReserve});
  client_.DoBatch({kReserve});
  const std::vector<Call> calls = history_.TakeCalls();
  EXPECT_NE(calls[0].batch, calls[1].batch);
}

TEST_F(RecordingClientTest, ABatchThatFailsLeavesEachOfItsCallsUnknown) {
  const grpc::Status late(grpc::StatusCode::DEADLINE_EXCEEDED, "late");
  EXPECT_THAT(AnswersInBatch({late}, {grpc::Status::OK, Denial()}),
              ElementsAre(Answer::kUnknown, Answer::kUnknown));
}

TEST_F(RecordingClientTest, DoubtConcernsEachCallOfABatch) {
  EXPECT_THAT(
      AnswersInBatch({Lost(), grpc::Status::OK}, {grpc::Status::OK, Denial()}),
      UnorderedElementsAre(Answer::kOk, Answer::kDenied, Answer::kUnknown));
  EXPECT_EQ(history_.operations(), 2);
}

TEST_F(RecordingClientTest, WhoTriesOnceKnowsThatARefusedBatchDidNothing) {
  RecordingClient hasty({service_.endpoint()}, {.attempts_max = 1}, history_);
  service_.FailWith({Refusal()});
  hasty.DoBatch({kReserve, kReserve});
  EXPECT_THAT(Recorded(), ElementsAre(Answer::kRefused, Answer::kRefused));
  service_.FailOperationsWith({grpc::Status::OK, Refusal()});
  hasty.DoBatch({kReserve, kReserve});
  EXPECT_THAT(Recorded(), ElementsAre(Answer::kOk, Answer::kRefused));
}

TEST_F(RecordingClientTest, FindsAResultOfAnotherKind) {
  client_.DoBatch({kAdjust});
  EXPECT_THAT(Recorded(), ElementsAre(Answer::kFailed));
}

}  // namespace
}  // namespace budget::chaos
