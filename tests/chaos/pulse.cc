#include "tests/chaos/pulse.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace budget::chaos {
namespace {

constexpr Nanos kSlice = 250'000'000;
constexpr int64_t kSteadySlices = 10;
constexpr int64_t kCallsMin = 20;
constexpr size_t kBeatsMax = 4 * 600;  // ten minutes

bool IsMost(int64_t part, int64_t all) {
  return all >= kCallsMin && part * 100 >= all * 99;
}

}  // namespace

void Pulse::Note(const Call& call) {
  absl::MutexLock lock(&mutex_);
  Beat& beat = beats_[call.returned / kSlice];
  ++beat.all;
  if (IsAnswered(call.answer)) {
    ++beat.answered;
  } else if (call.answer == Answer::kRefused) {
    ++beat.refused;
  } else {
    Unanswered& unanswered = beat.unanswered[KindOf(call)];
    ++unanswered.calls;
    unanswered.took_max =
        std::max(unanswered.took_max, call.returned - call.called);
  }
  if (beats_.size() > kBeatsMax) beats_.erase(beats_.begin());
}

Pulse::Beat Pulse::SumFrom(int64_t first) const {
  Beat sum;
  for (auto beat = beats_.lower_bound(first);
       beat != beats_.end() && beat->first < first + kSteadySlices; ++beat) {
    sum.answered += beat->second.answered;
    sum.refused += beat->second.refused;
    sum.all += beat->second.all;
  }
  return sum;
}

std::optional<absl::Duration> Pulse::RecoveredAfter(Nanos healed) const {
  absl::MutexLock lock(&mutex_);
  if (beats_.empty()) return std::nullopt;
  // The slice that is being filled does not count yet.
  const int64_t last = beats_.rbegin()->first - 1;
  for (int64_t first = healed / kSlice + 1; first + kSteadySlices - 1 <= last;
       ++first) {
    const Beat sum = SumFrom(first);
    if (IsMost(sum.answered, sum.all)) {
      return absl::Nanoseconds(first * kSlice - healed);
    }
  }
  return std::nullopt;
}

bool Pulse::WasWell(Nanos from, Nanos to) const {
  absl::MutexLock lock(&mutex_);
  for (int64_t first = from / kSlice + 1; first + kSteadySlices <= to / kSlice;
       ++first) {
    const Beat sum = SumFrom(first);
    const bool heard = IsMost(sum.answered + sum.refused, sum.all);
    if (heard && sum.answered * 2 >= sum.all) return true;
  }
  return false;
}

std::string Pulse::Trace(Nanos from, Nanos to) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> slices;
  std::map<std::string, Unanswered> unanswered;
  for (int64_t slice = from / kSlice + 1; slice < to / kSlice; ++slice) {
    const auto beat = beats_.find(slice);
    const Beat seen = beat == beats_.end() ? Beat{} : beat->second;
    slices.push_back(absl::StrCat(seen.all - seen.answered - seen.refused, "+",
                                  seen.refused, "/", seen.all));
    for (const auto& [kind, some] : seen.unanswered) {
      Unanswered& all = unanswered[kind];
      all.calls += some.calls;
      all.took_max = std::max(all.took_max, some.took_max);
    }
  }
  const auto tell = [](std::string* out, const auto& kind) {
    absl::StrAppend(out, kind.second.calls, " ", kind.first, " (",
                    absl::FormatDuration(absl::Trunc(
                        absl::Nanoseconds(kind.second.took_max),
                        absl::Milliseconds(1))),
                    ")");
  };
  return absl::StrCat(absl::StrJoin(slices, " "), ": ",
                      absl::StrJoin(unanswered, ", ", tell));
}

}  // namespace budget::chaos
