#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "tests/tsan/rig.h"

namespace budget::tsan {
namespace {

constexpr int kCallers = 4;
constexpr int kCalls = 100;  // of each caller

// Answers Release; what else happens in the callback is said by the case.
class Service : public v1::BudgetService::CallbackService {
 public:
  using Handle = std::function<void(grpc::ServerUnaryReactor*)>;
  explicit Service(Handle handle) : handle_(std::move(handle)) {}

  grpc::ServerUnaryReactor* Release(grpc::CallbackServerContext* context,
                                    const v1::ReleaseRequest*,
                                    v1::ReleaseResponse*) override {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    handle_(reactor);
    return reactor;
  }

 private:
  const Handle handle_;
};

// One call; each member is written by gRPC or its callback, and read when the
// callback has been here.
class Call {
 public:
  explicit Call(v1::BudgetService::Stub& stub) {
    request_.set_root("acme");
    stub.async()->Release(&context_, &request_, &response_,
                          [this](grpc::Status status) {
                            absl::MutexLock lock(&mutex_);
                            status_ = std::move(status);
                            done_ = true;
                          });
  }
  bool Wait() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&done_));
    return status_.ok();
  }

 private:
  grpc::ClientContext context_;
  v1::ReleaseRequest request_;
  v1::ReleaseResponse response_;
  absl::Mutex mutex_;
  bool done_ = false;
  grpc::Status status_;
};

void CallFromThreads(Service& service) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([port] {
      auto stub = v1::BudgetService::NewStub(
          grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                              grpc::InsecureChannelCredentials()));
      for (int i = 0; i < kCalls; ++i) Call(*stub).Wait();
    });
  }
  for (std::thread& caller : callers) caller.join();
  server->Shutdown();
}

}  // namespace

void RaceInCallback() {
  int count = 0;
  Service service([&count](grpc::ServerUnaryReactor* reactor) {
    // Long enough for another: one after the other is no race that is seen, for
    // there are locks of gRPC between them.
    const int before = count;
    absl::SleepFor(absl::Milliseconds(1));
    count = before + 1;
    reactor->Finish(grpc::Status::OK);
  });
  CallFromThreads(service);
}

void Callbacks() {
  absl::Mutex mutex;
  int count = 0;
  std::vector<grpc::ServerUnaryReactor*> waiting;
  bool ended = false;
  Service service([&](grpc::ServerUnaryReactor* reactor) {
    absl::MutexLock lock(&mutex);
    ++count;
    waiting.push_back(reactor);
  });
  std::thread answerer([&] {
    const auto something = [&] { return ended || !waiting.empty(); };
    while (true) {
      absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(&something));
      if (ended) return;
      for (grpc::ServerUnaryReactor* reactor : waiting) {
        reactor->Finish(grpc::Status::OK);
      }
      waiting.clear();
    }
  });
  CallFromThreads(service);
  {
    absl::MutexLock lock(&mutex);
    ended = true;
  }
  answerer.join();
}

}  // namespace budget::tsan
