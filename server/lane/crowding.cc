#include "server/lane/crowding.h"

#include <algorithm>

namespace budget {
namespace {

// Longer than refusals are kept back, or a crowd would be forgotten meanwhile.
constexpr absl::Duration kLately = absl::Seconds(5);
// A rest is so many times as long as the batch before: a lane that gives way
// keeps a fifth of its time.
constexpr int kRest = 4;
// However long that was: a database may have stood still.
constexpr absl::Duration kRestMax = absl::Milliseconds(250);
// Others are busy if they are served for so much of the time.
constexpr double kBusy = 0.25;

// Not what seems to be yet to come: the clock was set back.
bool WasLately(absl::Time then, absl::Time now) {
  return then <= now && now - then < kLately;
}

}  // namespace

void Crowding::Refused(int lane, absl::Time now) {
  lanes_[static_cast<size_t>(lane)].refused = now;
}

void Crowding::Begin(int lane, absl::Time now) {
  lanes_[static_cast<size_t>(lane)].began = now;
}

absl::Duration Crowding::End(int lane, absl::Time now) {
  State& state = lanes_[static_cast<size_t>(lane)];
  const absl::Duration took = std::max(now - state.began, absl::ZeroDuration());
  const bool crowded = IsCrowded(state, now);
  if (!crowded) {
    others_served_ += took;
    others_served_at_ = now;
  }
  state.gives_way = crowded && OthersAreBusy(state, now);
  state.ended = now;
  state.others_served = others_served_;
  return state.gives_way ? std::min(kRest * took, kRestMax)
                         : absl::ZeroDuration();
}

bool Crowding::GivesWay(int lane) const {
  return lanes_[static_cast<size_t>(lane)].gives_way;
}

bool Crowding::CrowdsOutOthers(int lane, absl::Time now) const {
  return IsCrowded(lanes_[static_cast<size_t>(lane)], now) &&
         WasLately(others_served_at_, now);
}

bool Crowding::IsCrowded(const State& state, absl::Time now) const {
  return WasLately(state.refused, now);
}

// Since the batch before ended, so that rests count too.
bool Crowding::OthersAreBusy(const State& state, absl::Time now) const {
  return others_served_ - state.others_served > kBusy * (now - state.ended);
}

}  // namespace budget
