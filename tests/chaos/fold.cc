#include "tests/chaos/fold.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace budget::chaos {
namespace {

constexpr int64_t kBuckets = 60;

bool IsZero(const Usage& usage) {
  return usage.spent == 0 && usage.reserved == 0 && usage.overage == 0;
}

}  // namespace

std::string Fold::Where(const Entry& entry) const {
  return absl::StrCat(root_, " entry ", entry.sequence);
}

void Fold::Add(const Entry& entry) {
  CheckOrder(entry);
  FollowHold(entry);
  for (const auto& [limit, cap] : entry.caps) {
    if (cap) {
      caps_[limit] = *cap;
    } else {
      caps_.erase(limit);
    }
  }
  for (const Pin& pin : entry.pins) Move(entry, pin);
}

void Fold::CheckOrder(const Entry& entry) {
  verdicts_.Check(Invariant::kNoHoles, entry.sequence == sequence_ + 1, [&] {
    return absl::StrCat(Where(entry), " comes after entry ", sequence_);
  });
  verdicts_.Check(Invariant::kNoHoles, entry.at_micros >= at_micros_, [&] {
    return absl::StrCat(Where(entry), ": time falls");
  });
  sequence_ = entry.sequence;
  at_micros_ = entry.at_micros;
}

// What was reserved is settled, returned or open: nothing stays held by what
// has ended, nor does that move any more.
void Fold::FollowHold(const Entry& entry) {
  if (!entry.reservation) return;
  Hold& hold = holds_[*entry.reservation];
  if (entry.IsEnd()) {
    verdicts_.Check(Invariant::kOneEnd, !hold.ended, [&] {
      return absl::StrCat(Where(entry), " ends reservation ",
                          entry.reservation->ToString(), " once more");
    });
    hold.ended = true;
  }
  for (size_t unit = 0; unit < hold.held.size(); ++unit) {
    hold.held[unit] += entry.reserved[unit];
  }
  const bool freed = absl::c_all_of(hold.held, [&](int64_t held) {
    return hold.ended ? held == 0 : held >= 0;
  });
  verdicts_.Check(Invariant::kHoldFreed, freed, [&] {
    return absl::StrCat(Where(entry), ": reservation ",
                        entry.reservation->ToString(),
                        hold.ended ? " has ended and holds " : " holds ",
                        absl::StrJoin(hold.held, ", "));
  });
}

void Fold::Move(const Entry& entry, const Pin& pin) {
  const auto info = limits_.find(pin.limit);
  if (info == limits_.end()) {
    return verdicts_.Violated(
        Invariant::kCountersFold,
        absl::StrCat(Where(entry), " moves the unknown limit ", pin.limit));
  }
  const LimitInfo& limit = info->second;
  Tally& tally = tallies_[pin.limit];
  if (limit.window_kind == kRolling) {
    Forget(BucketAt(entry.at_micros, limit.rolling_seconds), tally);
  }
  const Usage before = UsageAt(pin, entry.at_micros);
  Usage& moved = tally[pin.window];
  moved.spent += entry.spent[limit.unit];
  moved.reserved += entry.reserved[limit.unit];
  moved.overage += entry.overage[limit.unit];
  verdicts_.Check(
      Invariant::kCountersFold,
      moved.spent >= 0 && moved.reserved >= 0 && moved.overage >= 0, [&] {
        return absl::StrCat(Where(entry), ": ", limit.name, " is below zero");
      });
  CheckCap(entry, pin, before);
}

void Fold::CheckCap(const Entry& entry, const Pin& pin, const Usage& before) {
  const Usage after = UsageAt(pin, entry.at_micros);
  const int64_t was = before.spent + before.reserved;
  const int64_t is = after.spent + after.reserved;
  const auto cap = caps_.find(pin.limit);
  // A new limit opens with what the ledger says, which may be past its cap.
  const bool opens = entry.kind == kSetLimitEntry;
  verdicts_.Check(
      Invariant::kCapHolds,
      is <= was || opens || cap == caps_.end() || is <= cap->second, [&] {
        return absl::StrCat(Where(entry), ": ", limits_.at(pin.limit).name,
                            " rises from ", was, " to ", is, " past its cap ",
                            cap->second);
      });
}

// Buckets that will never count again, but for late usage, which makes them
// anew.
void Fold::Forget(int64_t bucket, Tally& tally) {
  while (!tally.empty() && tally.begin()->first < bucket - kBuckets &&
         tally.begin()->second.reserved == 0) {
    tally.erase(tally.begin());
  }
}

Usage Fold::UsageAt(const Pin& counter, int64_t micros) const {
  Usage usage;
  const auto tally = tallies_.find(counter.limit);
  if (tally == tallies_.end()) return usage;
  const LimitInfo& info = limits_.at(counter.limit);
  if (info.window_kind != kRolling) {
    const auto window = tally->second.find(counter.window);
    return window == tally->second.end() ? usage : window->second;
  }
  const int64_t first = BucketAt(micros, info.rolling_seconds) - kBuckets;
  for (const auto& [bucket, moved] : tally->second) {
    usage.reserved += moved.reserved;
    if (bucket < first) continue;
    usage.spent += moved.spent;
    usage.overage += moved.overage;
  }
  return usage;
}

std::optional<int64_t> Fold::CapOf(int limit) const {
  const auto cap = caps_.find(limit);
  if (cap == caps_.end()) return std::nullopt;
  return cap->second;
}

void Fold::Compare(const std::vector<StoredCounter>& stored) {
  std::set<Pin> keys;
  for (const StoredCounter& counter : stored) {
    Compare(counter);
    keys.insert(counter.key);
  }
  for (const auto& [limit, tally] : tallies_) CheckStored(limit, keys);
}

void Fold::Compare(const StoredCounter& stored) {
  const Usage usage = UsageAt(stored.key, stored.as_of_micros);
  const auto info = limits_.find(stored.key.limit);
  const bool equal = usage.spent == stored.spent &&
                     usage.reserved == stored.reserved &&
                     usage.overage == stored.overage;
  verdicts_.Check(Invariant::kCountersFold, equal, [&] {
    return absl::StrCat(
        root_, " ",
        info == limits_.end() ? "unknown limit" : info->second.name, " @",
        stored.key.window, ": the ledger says ", usage.spent, " spent, ",
        usage.reserved, " reserved, ", usage.overage, " overage; the counter ",
        stored.spent, ", ", stored.reserved, ", ", stored.overage);
  });
}

// A rolling limit has one counter for all its buckets.
void Fold::CheckStored(int limit, const std::set<Pin>& stored) {
  const bool rolling = limits_.at(limit).window_kind == kRolling;
  for (const auto& [window, usage] : tallies_.at(limit)) {
    const int64_t key = rolling ? 0 : window;
    const bool there = stored.contains({limit, key}) || IsZero(usage);
    verdicts_.Check(Invariant::kCountersFold, there, [&, window = window] {
      return absl::StrCat(root_, " ", limits_.at(limit).name, " @", window,
                          ": the ledger has usage, and there is no counter");
    });
  }
}

}  // namespace budget::chaos
