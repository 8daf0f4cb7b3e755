#include "server/lane/crowding.h"

#include <algorithm>

namespace budget {
namespace {

// Longer than refusals are kept back, or a crowd would be forgotten meanwhile.
constexpr absl::Duration kLately = absl::Seconds(5);

// Not what seems to be yet to come: the clock was set back.
bool WasLately(absl::Time then, absl::Time now) {
  return then <= now && now - then < kLately;
}

}  // namespace

void Crowding::Refused(int lane, CallerId caller, absl::Time now) {
  refused_[{lane, caller}] = now;
  if (refused_.size() < forget_at_) return;
  absl::erase_if(refused_, [&](const auto& refused) {
    return !WasLately(refused.second, now);
  });
  forget_at_ = std::max(kPlacesMin, 2 * refused_.size());
}

// What the service does by itself is nobody's. Of many callers two will do.
void Crowding::Served(absl::Span<const Part> parts, absl::Time now) {
  CallerId first = kTheService;
  for (const Part& part : parts) {
    const CallerId caller = part.submission->caller;
    if (caller == kTheService || caller == first) continue;
    Remember(caller, now);
    if (first != kTheService) return;
    first = caller;
  }
}

void Crowding::Remember(CallerId caller, absl::Time now) {
  if (served_[0].caller != caller) served_[1] = served_[0];
  served_[0] = {.caller = caller, .at = now};
}

bool Crowding::HasOthers(CallerId caller, absl::Time now) const {
  return std::any_of(served_.begin(), served_.end(), [&](const Seen& seen) {
    return seen.caller != caller && WasLately(seen.at, now);
  });
}

bool Crowding::Crowds(int lane, CallerId caller, absl::Time now) const {
  const auto it = refused_.find({lane, caller});
  return it != refused_.end() && WasLately(it->second, now) &&
         HasOthers(caller, now);
}

}  // namespace budget
