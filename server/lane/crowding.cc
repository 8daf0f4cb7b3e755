#include "server/lane/crowding.h"

#include <algorithm>

namespace budget {
namespace {

// Longer than refusals are kept back, or a crowd would be forgotten meanwhile.
constexpr absl::Duration kLately = absl::Seconds(5);
// A rest is so many times as long as the batch before: crowds keep a tenth of
// the time of one lane.
constexpr int kRest = 9;
// However long that was: a database may have stood still.
constexpr absl::Duration kRestMax = absl::Milliseconds(250);
// Others are busy if they are served for so much of the time.
constexpr double kBusy = 0.25;
// Not what seems to be yet to come: the clock was set back.
bool WasLately(absl::Time then, absl::Time now) {
  return then <= now && now - then < kLately;
}

}  // namespace

void Crowding::Add(const Place& place, absl::Time now) {
  crowds_[place] = now;
  if (crowds_.size() < forget_at_) return;
  absl::erase_if(crowds_, [&](const auto& crowd) {
    return !WasLately(crowd.second, now);
  });
  forget_at_ = std::max(kForgetAt, 2 * crowds_.size());
}

bool Crowding::Crowds(const Place& place, absl::Time now) const {
  const auto it = crowds_.find(place);
  return it != crowds_.end() && WasLately(it->second, now);
}

bool Crowding::HasOthers(const Place& place, absl::Time now) const {
  return std::any_of(others_.begin(), others_.end(), [&](const Seen& seen) {
    return seen.place != place && WasLately(seen.at, now) &&
           !Crowds(seen.place, now);
  });
}

absl::Duration Crowding::Served(int lane, absl::Span<const Part> parts,
                                absl::Duration took, absl::Time now) {
  if (parts.empty()) return absl::ZeroDuration();
  const auto other =
      std::find_if(parts.begin(), parts.end(), [&](const Part& part) {
        return !Crowds({lane, part.submission->caller}, now);
      });
  took = std::max(took, absl::ZeroDuration());
  if (other == parts.end()) return ServedCrowd(took, now);
  Remember({lane, other->submission->caller}, now);
  others_served_ += took;
  return absl::ZeroDuration();
}

void Crowding::Remember(const Place& place, absl::Time now) {
  if (others_[0].place != place) others_[1] = others_[0];
  others_[0] = {.place = place, .at = now};
}

// Since the batch of a crowd before ended, so that rests count too.
absl::Duration Crowding::ServedCrowd(absl::Duration took, absl::Time now) {
  gives_way_ = others_served_ - others_served_then_ >
               kBusy * (now - crowd_ended_);
  crowd_ended_ = now;
  others_served_then_ = others_served_;
  return gives_way_ ? std::min(kRest * took, kRestMax) : absl::ZeroDuration();
}

bool Crowding::GivesWay(absl::Time now) const {
  return gives_way_ && WasLately(crowd_ended_, now);
}

}  // namespace budget
