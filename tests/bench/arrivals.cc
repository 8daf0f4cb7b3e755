#include "tests/bench/arrivals.h"

#include <cmath>
#include <utility>

namespace budget::bench {

Arrivals::Arrivals(std::vector<Phase> phases, uint64_t seed)
    : phases_(std::move(phases)), random_(seed) {}

std::optional<absl::Duration> Arrivals::Next() {
  while (phase_ < phases_.size()) {
    const Phase& phase = phases_[phase_];
    const double chance =
        (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53;
    at_ += absl::Seconds(-std::log(chance) / phase.rate);
    if (at_ < phase_begin_ + phase.duration) return at_;
    // What would come later has no memory of this phase.
    phase_begin_ += phase.duration;
    at_ = phase_begin_;
    ++phase_;
  }
  return std::nullopt;
}

absl::Duration Arrivals::length() const {
  absl::Duration length;
  for (const Phase& phase : phases_) length += phase.duration;
  return length;
}

}  // namespace budget::bench
