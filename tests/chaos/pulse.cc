#include "tests/chaos/pulse.h"

namespace budget::chaos {
namespace {

constexpr Nanos kSlice = 250'000'000;
constexpr int64_t kSteadySlices = 10;
constexpr int64_t kCallsMin = 20;
constexpr size_t kBeatsMax = 4 * 600;  // ten minutes

}  // namespace

void Pulse::Note(Answer answer, Nanos returned) {
  absl::MutexLock lock(&mutex_);
  Beat& beat = beats_[returned / kSlice];
  beat.answered += IsAnswered(answer);
  ++beat.all;
  if (beats_.size() > kBeatsMax) beats_.erase(beats_.begin());
}

bool Pulse::IsWell(int64_t first, int64_t end) const {
  Beat sum;
  for (auto beat = beats_.lower_bound(first);
       beat != beats_.end() && beat->first < end; ++beat) {
    sum.answered += beat->second.answered;
    sum.all += beat->second.all;
  }
  return sum.all >= kCallsMin && sum.answered * 100 >= sum.all * 99;
}

std::optional<absl::Duration> Pulse::RecoveredAfter(Nanos healed) const {
  absl::MutexLock lock(&mutex_);
  if (beats_.empty()) return std::nullopt;
  // The slice that is being filled does not count yet.
  const int64_t last = beats_.rbegin()->first - 1;
  for (int64_t first = healed / kSlice + 1; first + kSteadySlices - 1 <= last;
       ++first) {
    if (IsWell(first, first + kSteadySlices)) {
      return absl::Nanoseconds(first * kSlice - healed);
    }
  }
  return std::nullopt;
}

bool Pulse::WasWell(Nanos from, Nanos to) const {
  absl::MutexLock lock(&mutex_);
  return IsWell(from / kSlice + 1, to / kSlice);
}

}  // namespace budget::chaos
