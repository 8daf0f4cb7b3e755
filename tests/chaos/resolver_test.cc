#include "tests/chaos/resolver.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "budget/v1/budget_admin.grpc.pb.h"
#include "tests/client/fake_service.h"

namespace budget::chaos {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(20);

// A server in this process that sets limits as the test says, and remembers
// under which requests and etags.
class FakeAdmin : public v1::BudgetAdmin::Service {
 public:
  explicit FakeAdmin(std::vector<grpc::Status> answers)
      : answers_(std::move(answers)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  std::string endpoint() const { return absl::StrCat("127.0.0.1:", port_); }
  std::vector<std::string> asked() {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

  grpc::Status SetLimit(grpc::ServerContext*,
                        const v1::SetLimitRequest* request,
                        v1::SetLimitResponse*) override {
    absl::MutexLock lock(&mutex_);
    asked_.push_back(
        absl::StrCat(request->request_id(), " ", request->etag()));
    return answers_.at(asked_.size() - 1);
  }

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  absl::Mutex mutex_;
  const std::vector<grpc::Status> answers_;
  std::vector<std::string> asked_ ABSL_GUARDED_BY(mutex_);
};

grpc::Status Lost() {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection reset");
}

std::vector<Answer> AnswersIn(History& history) {
  std::vector<Answer> answers;
  for (const Call& call : history.TakeCalls()) answers.push_back(call.answer);
  return answers;
}

// How an administrator's change is resolved that is answered so.
std::vector<Answer> AnswersToCap(std::vector<grpc::Status> answers) {
  const size_t tries = answers.size();
  FakeAdmin admin(std::move(answers));
  History history;
  RecordingClient client({admin.endpoint()}, {.attempts_max = 1}, history);
  Resolver resolver(client);
  const Intent intent{.verb = Verb::kSetLimit,
                      .id = *Uuid::Parse(NewReservationId()),
                      .cap = 5,
                      .etag = "before"};
  resolver.Add(intent);
  EXPECT_TRUE(resolver.Finish(kPatience));
  const std::string same = absl::StrCat(intent.id.ToString(), " before");
  EXPECT_EQ(admin.asked(), std::vector<std::string>(tries, same));
  return AnswersIn(history);
}

TEST(ResolverTest, RepeatsAChangeUnderItsRequestAndEtagUntilItIsMade) {
  EXPECT_THAT(AnswersToCap({Lost(), Lost(), grpc::Status::OK}),
              ElementsAre(Answer::kUnknown, Answer::kUnknown, Answer::kOk));
}

TEST(ResolverTest, AChangeThatWasOvertakenIsResolved) {
  EXPECT_THAT(AnswersToCap({Lost(), WireError(grpc::StatusCode::ABORTED, "old",
                                              "ETAG_MISMATCH")}),
              ElementsAre(Answer::kUnknown, Answer::kOvertaken));
}

// How what nobody answered is resolved: then answered with OK.
std::vector<Verb> VerbsAfter(const Intent& intent) {
  FakeService service;
  History history;
  RecordingClient client({service.endpoint()}, {.attempts_max = 1}, history);
  Resolver resolver(client);
  resolver.Add(intent);
  EXPECT_TRUE(resolver.Finish(kPatience));
  EXPECT_EQ(resolver.tally().resolved, 1);
  std::vector<Verb> verbs;
  for (const Call& call : history.TakeCalls()) verbs.push_back(call.verb);
  return verbs;
}

TEST(ResolverTest, ReleasesAHoldThatTurnsOutToBeThere) {
  EXPECT_THAT(VerbsAfter({.verb = Verb::kReserve}),
              UnorderedElementsAre(Verb::kReserve, Verb::kRelease));
}

TEST(ResolverTest, AnAdjustmentIsRepeatedAlone) {
  EXPECT_THAT(VerbsAfter({.verb = Verb::kAdjust}), ElementsAre(Verb::kAdjust));
}

}  // namespace
}  // namespace budget::chaos
