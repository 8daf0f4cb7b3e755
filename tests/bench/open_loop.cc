#include "tests/bench/open_loop.h"

#include <sys/prctl.h>

#include <chrono>
#include <deque>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"

namespace budget::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTenth(100);

class OpenLoop {
 public:
  OpenLoop(const Channels& channels,
           const std::function<std::unique_ptr<Caller>()>& make_caller,
           const OpenLoopOptions& options)
      : channels_(channels), make_caller_(make_caller), options_(options) {}

  OpenLoopResult Run();

 private:
  class Runner;

  void SendAtEachArrival(Arrivals arrivals);
  void FinishAll();
  void AwaitAnswers();
  Runner& TakeIdle();
  void Answered(Runner& runner);
  bool Stopped() const {
    return options_.stop != nullptr && options_.stop->load();
  }

  const Channels& channels_;
  const std::function<std::unique_ptr<Caller>()>& make_caller_;
  const OpenLoopOptions& options_;
  SteadyClock::time_point begin_;
  grpc::CompletionQueue queue_;
  std::deque<Runner> runners_;  // of the sending thread

  absl::Mutex mutex_;
  std::deque<Runner*> idle_ ABSL_GUARDED_BY(mutex_);
  int on_their_way_ ABSL_GUARDED_BY(mutex_) = 0;
  OpenLoopResult result_;  // of the draining thread until that ends
  Counts outside_;
};

// A caller on a channel with one call at a time.
class OpenLoop::Runner final : public PendingCall {
 public:
  Runner(std::unique_ptr<Caller> caller, std::shared_ptr<grpc::Channel> channel,
         OpenLoop& loop)
      : caller_(std::move(caller)), stub_(std::move(channel)), loop_(loop) {}

  void Send(const Message& message, SteadyClock::time_point meant) {
    meant_ = meant;
    PendingCall::Send(stub_, message, loop_.options_.timeout, loop_.queue_);
  }
  Caller& caller() { return *caller_; }

 private:
  void OnAnswer() override {
    const SteadyClock::time_point now = SteadyClock::now();
    const SteadyClock::duration since = meant_ - loop_.begin_;
    const bool measured =
        since >= absl::ToChronoNanoseconds(loop_.options_.warm_up);
    OpenLoopResult& result = loop_.result_;
    Counts& counts = measured ? result.load.counts : loop_.outside_;
    const int64_t ok_before = counts.ok;
    caller_->Answered(status(), answer(), counts);
    if (measured && status().ok()) {
      result.load.latency.RecordNanos(
          std::chrono::nanoseconds(now - meant_).count());
    }
    const size_t tenth = (now - loop_.begin_) / kTenth;
    if (tenth < result.ok_by_tenth.size()) {
      result.ok_by_tenth[tenth] += counts.ok - ok_before;
    }
    loop_.Answered(*this);
  }

  std::unique_ptr<Caller> caller_;
  grpc::GenericStub stub_;
  OpenLoop& loop_;
  SteadyClock::time_point meant_;
};

OpenLoopResult OpenLoop::Run() {
  // Else the kernel lets a sleep end up to 50 us late to save wake-ups.
  prctl(PR_SET_TIMERSLACK, 1UL);
  Arrivals arrivals(options_.phases, options_.seed);
  result_.load.duration = arrivals.length() - options_.warm_up;
  result_.ok_by_tenth.resize(arrivals.length() / absl::Milliseconds(100) + 1);
  begin_ = SteadyClock::now();
  std::thread drain([this] { PendingCall::Drain(queue_); });
  SendAtEachArrival(std::move(arrivals));
  AwaitAnswers();
  FinishAll();
  AwaitAnswers();
  queue_.Shutdown();
  drain.join();
  result_.load.operations_outside = outside_.ok;
  return std::move(result_);
}

void OpenLoop::SendAtEachArrival(Arrivals arrivals) {
  while (const std::optional<absl::Duration> at = arrivals.Next()) {
    if (Stopped()) return;
    const SteadyClock::time_point meant =
        begin_ + absl::ToChronoNanoseconds(*at);
    std::this_thread::sleep_until(meant);
    Runner& runner = TakeIdle();
    // Never nullopt: callers of an open loop go on for ever.
    runner.Send(*runner.caller().Next(), meant);
  }
}

void OpenLoop::FinishAll() {
  for (Runner& runner : runners_) {
    const std::optional<Message> message = runner.caller().Finish();
    if (!message) continue;
    {
      absl::MutexLock lock(&mutex_);
      ++on_their_way_;
    }
    // Before the warm-up ended, as far as counting goes.
    runner.Send(*message, begin_ - std::chrono::seconds(1));
  }
}

void OpenLoop::AwaitAnswers() {
  absl::MutexLock lock(&mutex_);
  const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return on_their_way_ == 0;
  };
  mutex_.Await(absl::Condition(&none));
}

OpenLoop::Runner& OpenLoop::TakeIdle() {
  {
    absl::MutexLock lock(&mutex_);
    ++on_their_way_;
    if (!idle_.empty()) {
      Runner& runner = *idle_.front();
      idle_.pop_front();
      return runner;
    }
  }
  return runners_.emplace_back(
      make_caller_(), channels_[runners_.size() % channels_.size()], *this);
}

void OpenLoop::Answered(Runner& runner) {
  absl::MutexLock lock(&mutex_);
  --on_their_way_;
  idle_.push_back(&runner);
}

}  // namespace

OpenLoopResult RunOpenLoop(
    const Channels& channels,
    const std::function<std::unique_ptr<Caller>()>& make_caller,
    const OpenLoopOptions& options) {
  return OpenLoop(channels, make_caller, options).Run();
}

}  // namespace budget::bench
