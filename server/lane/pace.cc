#include "server/lane/pace.h"

#include <algorithm>

namespace budget {
namespace {

// The newest batch weighs a quarter: one that stalled is outlived by ten that
// did not, and a lane that turned slow is known after a few.
constexpr int kWeight = 4;

}  // namespace

void Pace::End(absl::Time now) {
  if (!began_) return;
  typical_ += (now - *began_ - typical_) / kWeight;
  began_.reset();
}

// The batch under way counts in full, for others may come before its end. One
// that is overdue is expected to take as long again as it has so far.
absl::Duration Pace::Wait(size_t batches_ahead, absl::Time now) const {
  if (!began_) return absl::ZeroDuration();
  const absl::Duration each = std::max(typical_, now - *began_);
  return each * static_cast<int64_t>(batches_ahead + 1);
}

}  // namespace budget
