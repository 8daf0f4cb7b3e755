#include "tests/bench/closed_loop.h"

#include <chrono>
#include <deque>
#include <utility>

#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"

namespace budget::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Before a caller comes again whose operations were shed. A server asks for
// much more (RetryInfo); without any, callers who are turned away by the hundred
// thousand would take the cores from the work that was let in.
constexpr auto kPause = std::chrono::milliseconds(10);

// What all callers of a load share.
struct Course {
  SteadyClock::time_point measured_from;
  SteadyClock::time_point end;
  absl::Duration timeout;
  const std::atomic<bool>* stop;
  grpc::CompletionQueue queue;
  LoadResult result;
  Counts outside;  // warm-up and wind-down
  int running = 0;
};

// A caller with its place on a channel.
class Runner final : public PendingCall {
 public:
  Runner(Caller& caller, std::shared_ptr<grpc::Channel> channel, Course& course)
      : caller_(caller), stub_(std::move(channel)), course_(course) {}

  void Begin() {
    ++course_.running;
    SendOrEnd(caller_.Next());
  }

 private:
  void OnAnswer() override {
    if (std::exchange(pausing_, false)) return Continue();
    const SteadyClock::time_point now = SteadyClock::now();
    const bool measured = now >= course_.measured_from && now < course_.end;
    const bool shed = caller_.Answered(
        status(), answer(), measured ? course_.result.counts : course_.outside);
    if (measured) {
      course_.result.latency.RecordNanos(
          std::chrono::nanoseconds(now - sent_).count());
    }
    if (!shed) return Continue();
    pausing_ = true;
    pause_.Set(&course_.queue, std::chrono::system_clock::now() + kPause,
               static_cast<PendingCall*>(this));
  }

  void Continue() {
    const bool over = SteadyClock::now() >= course_.end ||
                      (course_.stop != nullptr && course_.stop->load());
    SendOrEnd(over ? caller_.Finish() : caller_.Next());
  }

  void SendOrEnd(const std::optional<Message>& message) {
    if (message) {
      sent_ = SteadyClock::now();
      Send(stub_, *message, course_.timeout, course_.queue);
    } else if (--course_.running == 0) {
      course_.queue.Shutdown();
    }
  }

  Caller& caller_;
  grpc::GenericStub stub_;
  Course& course_;
  SteadyClock::time_point sent_;
  bool pausing_ = false;
  grpc::Alarm pause_;
};

// One thread sends and takes answers: two of them would only take the cores
// from what is measured.
void Run(const Channels& channels, const Callers& callers, Course& course) {
  std::deque<Runner> runners;
  for (size_t i = 0; i < callers.size(); ++i) {
    runners.emplace_back(*callers[i], channels[i % channels.size()], course);
  }
  ++course.running;  // until all have begun
  for (Runner& runner : runners) runner.Begin();
  if (--course.running == 0) course.queue.Shutdown();
  PendingCall::Drain(course.queue);
  course.result.operations_outside = course.outside.ok;
}

}  // namespace

LoadResult RunClosedLoop(const Channels& channels, const Callers& callers,
                         const ClosedLoopOptions& options) {
  Course course;
  course.measured_from =
      SteadyClock::now() + absl::ToChronoNanoseconds(options.warm_up);
  course.end =
      course.measured_from + absl::ToChronoNanoseconds(options.duration);
  course.timeout = options.timeout;
  course.stop = options.stop;
  course.result.duration = options.duration;
  Run(channels, callers, course);
  return std::move(course.result);
}

LoadResult RunToTheEnd(const Channels& channels, const Callers& callers,
                       const std::atomic<bool>* stop) {
  Course course;
  course.measured_from = SteadyClock::now();
  course.end = SteadyClock::time_point::max();
  course.timeout = absl::Minutes(1);
  course.stop = stop;
  Run(channels, callers, course);
  course.result.duration =
      absl::FromChrono(SteadyClock::now() - course.measured_from);
  return std::move(course.result);
}

}  // namespace budget::bench
