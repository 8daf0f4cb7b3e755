#include "tests/chaos/fold.h"

#include "absl/strings/str_cat.h"

namespace budget::chaos {
namespace {

constexpr int64_t kBuckets = 60;

}  // namespace

std::string Fold::Where(const Entry& entry) const {
  return absl::StrCat(root_, " entry ", entry.sequence);
}

void Fold::Add(const Entry& entry) {
  CheckOrder(entry);
  CheckEnd(entry);
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

void Fold::CheckEnd(const Entry& entry) {
  if (!entry.reservation) return;
  bool& ended = ended_[*entry.reservation];
  if (!entry.IsEnd()) return;
  verdicts_.Check(Invariant::kOneEnd, !ended, [&] {
    return absl::StrCat(Where(entry), " ends reservation ",
                        entry.reservation->ToString(), " once more");
  });
  ended = true;
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
  const Usage before = At(pin.limit, pin.window, entry.at_micros);
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
  const Usage after = At(pin.limit, pin.window, entry.at_micros);
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

Usage Fold::At(int limit, int64_t key, int64_t micros) const {
  Usage usage;
  const auto tally = tallies_.find(limit);
  if (tally == tallies_.end()) return usage;
  const LimitInfo& info = limits_.at(limit);
  if (info.window_kind != kRolling) {
    const auto window = tally->second.find(key);
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

Usage Fold::UsageOf(int limit, int64_t key) const {
  return At(limit, key, at_micros_);
}

std::optional<int64_t> Fold::CapOf(int limit) const {
  const auto cap = caps_.find(limit);
  if (cap == caps_.end()) return std::nullopt;
  return cap->second;
}

void Fold::Compare(const StoredCounter& stored) {
  const Usage usage =
      At(stored.key.limit, stored.key.window, stored.as_of_micros);
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

}  // namespace budget::chaos
