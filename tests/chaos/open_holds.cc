#include "tests/chaos/open_holds.h"

namespace budget::chaos {

OpenHolds::OpenHolds(const std::vector<Call>& calls) {
  for (const Call& call : calls) {
    // A drill may have made an answer unknown that came after its moment.
    if (call.verb == Verb::kReserve && call.expires_micros != 0) {
      expires_micros_[call.id] = call.expires_micros;
    }
  }
}

void OpenHolds::Follow(const Entry& entry) {
  if (!entry.reservation) return;
  if (entry.kind == kReserveEntry) {
    const auto expires = expires_micros_.find(*entry.reservation);
    holds_[*entry.reservation] = {
        expires == expires_micros_.end() ? kUntold : expires->second,
        entry.pins, entry.reserved};
    return;
  }
  const auto hold = holds_.find(*entry.reservation);
  if (hold == holds_.end()) return;
  for (size_t unit = 0; unit < entry.reserved.size(); ++unit) {
    hold->second.reserved[unit] += entry.reserved[unit];
  }
  if (entry.IsEnd()) holds_.erase(hold);
}

std::optional<Units> OpenHolds::HeldBy(const Uuid& id) const {
  const auto hold = holds_.find(id);
  if (hold == holds_.end()) return std::nullopt;
  return hold->second.reserved;
}

OpenHolds::Due OpenHolds::DueOf(const Pin& counter, const LimitInfo& limit,
                                int64_t micros) const {
  const bool apart = limit.window_kind == kCalendar;
  Due due;
  for (const auto& [id, hold] : holds_) {
    const bool unknown = hold.expires_micros == kUntold;
    if (!unknown && hold.expires_micros > micros) continue;
    int64_t& sum = unknown ? due.perhaps : due.surely;
    for (const Pin& pin : hold.pins) {
      const bool counts = pin.limit == counter.limit &&
                          (!apart || pin.window == counter.window);
      if (counts) sum += hold.reserved[limit.unit];
    }
  }
  return due;
}

}  // namespace budget::chaos
