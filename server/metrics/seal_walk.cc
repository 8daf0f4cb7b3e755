#include "server/metrics/seal_walk.h"

#include <algorithm>
#include <vector>

namespace budget {

SealWalk::SealWalk(Store& store, Clock& clock, ServiceMeters& meters)
    : store_(store), clock_(clock), meters_(meters) {}

void SealWalk::Step() {
  const absl::Time began = clock_.Now();
  if (began < next_) return;
  const absl::Status looked = LookAtNext();
  meters_.seal_lag_nanos.Set(looked.ok()
                                 ? absl::ToInt64Nanoseconds(LongestLag())
                                 : ServiceMeters::kUnknown);
  const absl::Time ended = clock_.Now();
  next_ = ended + kTimesAsLong * (ended - began);
}

absl::Status SealWalk::LookAtNext() {
  const absl::StatusOr<std::vector<std::string>> roots =
      store_.Roots(after_, kRootsAtOnce);
  if (!roots.ok()) return roots.status();
  const auto sequences = store_.LastSequences(*roots);
  if (!sequences.ok()) return sequences.status();
  for (const auto& [root, last] : *sequences) {
    const absl::StatusOr<absl::Duration> lag = LagOf(root, last);
    if (!lag.ok()) return lag.status();
    Note(root, *lag);
  }
  const bool more = roots->size() == kRootsAtOnce;
  after_ = more ? roots->back() : "";
  return absl::OkStatus();
}

// How old the first entry is that has no seal.
absl::StatusOr<absl::Duration> SealWalk::LagOf(const std::string& root,
                                               int64_t last) {
  const absl::StatusOr<SealedHead> sealed = store_.ReadSealed(root);
  if (!sealed.ok()) return sealed.status();
  const int64_t sequence = sealed->head.sequence;
  if (sequence >= last) return absl::ZeroDuration();
  const absl::StatusOr<Page<LedgerEntry>> next = store_.ListLedger(
      {.root = root, .after_sequence = sequence, .page_size = 1});
  if (!next.ok()) return next.status();
  // Of an entry that is gone, whoever seals and Verify have to say.
  if (next->items.empty()) return absl::ZeroDuration();
  return next->read_time - next->items.front().at;
}

void SealWalk::Note(const std::string& root, absl::Duration lag) {
  if (lag > absl::ZeroDuration()) {
    lags_[root] = lag;
  } else {
    lags_.erase(root);
  }
}

absl::Duration SealWalk::LongestLag() const {
  absl::Duration longest;
  for (const auto& [root, lag] : lags_) longest = std::max(longest, lag);
  return longest;
}

}  // namespace budget
