#include "tests/chaos/story.h"

#include <algorithm>

#include "absl/algorithm/container.h"

namespace budget::chaos {
namespace {

void AddUsage(const Entry& entry, Story& story) {
  for (size_t unit = 0; unit < entry.spent.size(); ++unit) {
    story.used[unit] += entry.spent[unit] + entry.overage[unit];
    story.used_max[unit] = std::max(story.used_max[unit], story.used[unit]);
  }
}

}  // namespace

int Story::Count(Verb verb) const {
  return static_cast<int>(absl::c_count_if(made, [&](const Made& entry) {
    return entry.verb == verb && entry.final;
  }));
}

bool Story::Has(const Made& entry) const {
  return absl::c_any_of(made, [&](const Made& other) {
    return other.sequence == entry.sequence && other.verb == entry.verb &&
           other.final == entry.final;
  });
}

void Follow(const Entry& entry, Story& story) {
  AddUsage(entry, story);
  switch (entry.kind) {
    case kReserveEntry:
      story.reserved = entry.reserved;
      story.made.push_back({entry.sequence, Verb::kReserve});
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
    case kSetLimitEntry:
      story.made.push_back({entry.sequence, Verb::kSetLimit});
      if (!entry.caps.empty()) story.cap = entry.caps.front().second;
      break;
  }
}

}  // namespace budget::chaos
