#include "tests/chaos/story.h"

#include <algorithm>

#include "absl/algorithm/container.h"

namespace budget::chaos {
namespace {

void AddAmounts(const Entry& entry, Story& story) {
  for (size_t unit = 0; unit < entry.spent.size(); ++unit) {
    story.held[unit] += entry.reserved[unit];
    story.spent[unit] += entry.spent[unit];
    story.overage[unit] += entry.overage[unit];
    story.used_max[unit] = std::max(
        story.used_max[unit], story.spent[unit] + story.overage[unit]);
  }
  story.ever_held.push_back(story.held);
}

}  // namespace

int Story::Count(Verb verb) const {
  return static_cast<int>(absl::c_count_if(made, [&](const Made& entry) {
    return entry.verb == verb && entry.final;
  }));
}

int Story::CountAdjustments(const Units& held) const {
  return static_cast<int>(absl::c_count_if(made, [&](const Made& entry) {
    return entry.verb == Verb::kAdjust && entry.held == held;
  }));
}

bool Story::Has(const Made& entry) const {
  return absl::c_linear_search(made, entry);
}

bool Story::EverHeld(const Units& amounts) const {
  return absl::c_linear_search(ever_held, amounts);
}

void Follow(const Entry& entry, Story& story) {
  AddAmounts(entry, story);
  switch (entry.kind) {
    case kReserveEntry:
      story.reserved = entry.reserved;
      story.made.push_back({entry.sequence, Verb::kReserve});
      break;
    case kAdjustEntry:
      story.made.push_back(
          {entry.sequence, Verb::kAdjust, true, story.held});
      break;
    case kSettleEntry:
      story.made.push_back({entry.sequence, Verb::kSettle, entry.final});
      break;
    case kReleaseEntry:
      story.made.push_back({entry.sequence, Verb::kRelease});
      break;
    case kExpireEntry:
      ++story.expiries;
      break;
    case kRecordUsageEntry:
      story.made.push_back({entry.sequence, Verb::kRecordUsage});
      break;
    case kSetLimitEntry:
      story.made.push_back({entry.sequence, Verb::kSetLimit});
      if (!entry.caps.empty()) story.cap = entry.caps.front().second;
      break;
  }
}

}  // namespace budget::chaos
