#include "tests/chaos/resolver.h"

#include "absl/time/clock.h"

namespace budget::chaos {
namespace {

constexpr int kWorkers = 8;
constexpr absl::Duration kPause = absl::Milliseconds(100);

bool IsDefinite(Answer answer) {
  return answer != Answer::kUnknown && answer != Answer::kRefused;
}

}  // namespace

Resolver::Resolver(RecordingClient& client) : client_(client) {
  for (int i = 0; i < kWorkers; ++i) {
    workers_.emplace_back([this] { Work(); });
  }
}

Resolver::~Resolver() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& worker : workers_) worker.join();
}

void Resolver::Add(const Intent& intent) {
  absl::MutexLock lock(&mutex_);
  waiting_.push_back(intent);
  ++tally_.left;
}

void Resolver::Work() {
  while (true) {
    Intent intent;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &Resolver::HasWork));
      if (stopping_) return;
      intent = waiting_.front();
      waiting_.pop_front();
    }
    Resolve(intent);
  }
}

void Resolver::Resolve(const Intent& intent) {
  const Call call = client_.Do(intent);
  if (!IsDefinite(call.answer)) absl::SleepFor(kPause);
  absl::MutexLock lock(&mutex_);
  if (!IsDefinite(call.answer)) {
    waiting_.push_back(intent);
    return;
  }
  ++tally_.resolved;
  --tally_.left;
  if (call.verb != Verb::kReserve || call.answer != Answer::kOk) return;
  tally_.had_happened += call.replayed;
  Intent release = intent;
  release.verb = Verb::kRelease;
  waiting_.push_back(release);
  // It was never unknown.
  ++tally_.left;
  --tally_.resolved;
}

bool Resolver::Finish(absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(this, &Resolver::IsDone),
                                 patience);
}

Resolver::Tally Resolver::tally() const {
  absl::MutexLock lock(&mutex_);
  return tally_;
}

}  // namespace budget::chaos
