#include "tests/chaos/history.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

namespace budget::chaos {

Nanos NowNanos() {
  return std::chrono::nanoseconds(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void History::Add(Call call) {
  absl::MutexLock lock(&mutex_);
  calls_.push_back(std::move(call));
}

void History::Add(Read read) {
  absl::MutexLock lock(&mutex_);
  reads_.push_back(std::move(read));
}

int64_t History::size() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int64_t>(calls_.size() + reads_.size());
}

std::vector<Call> History::TakeCalls() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(calls_, {});
}

std::vector<Read> History::TakeReads() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(reads_, {});
}

std::string KindOf(const Call& call) {
  switch (call.answer) {
    case Answer::kOk:
      return "ok";
    case Answer::kDenied:
      return absl::StrCat("denied ", call.reason);
    case Answer::kRefused:
      return absl::StrCat("refused ", call.reason);
    case Answer::kUnknown:
      // What never reached a replica has no reason.
      return absl::StrCat("unknown ", call.reason);
    case Answer::kFailed:
      return "failed";
  }
  return "";
}

}  // namespace budget::chaos
