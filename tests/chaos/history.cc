#include "tests/chaos/history.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

namespace budget::chaos {
namespace {

std::string TextOf(const Call& call) {
  if (call.is_attempt) return "unknown, before a no";
  switch (call.answer) {
    case Answer::kOk:
      return "ok";
    case Answer::kDenied:
      return absl::StrCat("denied ", call.reason);
    case Answer::kOvertaken:
      return absl::StrCat("overtaken ", call.reason);
    case Answer::kRefused:
      return absl::StrCat("refused ", call.reason);
    case Answer::kUnknown:
      // What never reached a replica has no reason.
      if (call.reason.empty()) return "unknown";
      return absl::StrCat("unknown ", call.reason);
    case Answer::kFailed:
      return "failed";
  }
  return "";
}

}  // namespace

Nanos NowNanos() {
  return std::chrono::nanoseconds(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

absl::string_view NameOf(Verb verb) {
  switch (verb) {
    case Verb::kReserve:
      return "reserve";
    case Verb::kAdjust:
      return "adjust";
    case Verb::kSettle:
      return "settle";
    case Verb::kRelease:
      return "release";
    case Verb::kRecordUsage:
      return "record_usage";
    case Verb::kSetLimit:
      return "set_limit";
  }
  return "";
}

bool IsAnswered(Answer answer) {
  return answer == Answer::kOk || answer == Answer::kDenied ||
         answer == Answer::kOvertaken;
}

bool MayHaveHappened(Answer answer) {
  return answer == Answer::kOk || answer == Answer::kUnknown;
}

std::string KindOf(const Call& call) {
  return absl::StrCat(NameOf(call.verb), " ", TextOf(call));
}

bool IsNoOfTheBooks(const Call& call) {
  return call.answer == Answer::kDenied ||
         (call.answer == Answer::kOvertaken && call.verb == Verb::kAdjust);
}

bool FollowsDoubt(const Call& call) { return call.attempts > 1; }

bool SaysItMadeIt(const Call& call) {
  if (call.answer != Answer::kOk) return false;
  const bool has_id_of_its_own =
      call.verb == Verb::kReserve || call.verb == Verb::kRecordUsage;
  return has_id_of_its_own ? !call.replayed : call.sequence != 0;
}

void History::Add(Call call) {
  absl::MutexLock lock(&mutex_);
  operations_ += call.is_attempt ? 0 : 1;
  calls_.push_back(std::move(call));
}

void History::Add(Read read) {
  absl::MutexLock lock(&mutex_);
  ++operations_;
  reads_.push_back(std::move(read));
}

int64_t History::NewBatch() {
  absl::MutexLock lock(&mutex_);
  return ++batches_;
}

int64_t History::operations() const {
  absl::MutexLock lock(&mutex_);
  return operations_;
}

std::vector<Call> History::TakeCalls() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(calls_, {});
}

std::vector<Read> History::TakeReads() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(reads_, {});
}

}  // namespace budget::chaos
