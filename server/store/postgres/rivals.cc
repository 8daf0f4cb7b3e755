#include "server/store/postgres/rivals.h"

namespace budget {
namespace {

// Longer than it takes to get a lock that is free, shorter than a transaction.
constexpr absl::Duration kMet = absl::Microseconds(500);

// For how long they are expected to come again. Then it is tried once whether
// they do.
constexpr absl::Duration kLately = absl::Seconds(1);

}  // namespace

void Rivals::Note(int lane, absl::Duration waited, absl::Time now) {
  if (waited < kMet) return;
  until_nanos_.at(lane).store(absl::ToUnixNanos(now + kLately),
                              std::memory_order_relaxed);
}

bool Rivals::MetLately(int lane, absl::Time now) const {
  const absl::Duration left =
      absl::FromUnixNanos(
          until_nanos_.at(lane).load(std::memory_order_relaxed)) -
      now;
  // More than that is left where the clock was set back.
  return left > absl::ZeroDuration() && left <= kLately;
}

}  // namespace budget
