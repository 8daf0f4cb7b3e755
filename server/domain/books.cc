#include "server/domain/books.h"

#include <algorithm>
#include <utility>

#include "server/domain/policy.h"

namespace budget {
namespace {

bool Reached(const Tally& tally, int64_t cap, int warn_percent) {
  const __int128 used = static_cast<__int128>(tally.Usage()) + tally.overage;
  return used * 100 >= static_cast<__int128>(cap) * warn_percent;
}

void AddCrossings(const Limit& limit, const Tally& before, const Tally& after,
                  std::vector<Crossing>& crossed) {
  if (limit.removed || limit.spec.cap.value_or(0) <= 0) return;
  for (int percent : limit.spec.warn_percent) {
    if (!Reached(before, *limit.spec.cap, percent) &&
        Reached(after, *limit.spec.cap, percent)) {
      crossed.push_back({.limit = limit.id, .warn_percent = percent});
    }
  }
}

// What can be taken back of `window`: of a rolling limit, what is in its
// bucket.
Bucket RefundableIn(const Limit& limit, WindowKey window,
                    const Counter& counter) {
  if (!limit.IsRolling()) {
    return {.spent = counter.tally.spent, .overage = counter.tally.overage};
  }
  for (const Bucket& bucket : counter.buckets) {
    if (bucket.number == window) return bucket;
  }
  return {};
}

// The part of a delta that leaves nothing below zero.
CounterDelta Clamped(const CounterDelta& delta, const Bucket& refundable) {
  CounterDelta clamped = delta;
  clamped.spent = std::max(delta.spent, -refundable.spent);
  clamped.overage = std::max(delta.overage, -refundable.overage);
  return clamped;
}

LedgerEntry ClampedEntry(const LedgerEntry& entry, const Pin& pin, Unit unit,
                         const CounterDelta& delta) {
  LedgerEntry clamped;
  clamped.kind = entry.kind;
  clamped.pins = {pin};
  clamped.spent[unit] = delta.spent;
  clamped.reserved[unit] = delta.reserved;
  clamped.overage[unit] = delta.overage;
  clamped.unpriced = delta.unpriced;
  clamped.detail = {{"clamped", "true"}};
  if (entry.reservation) {
    clamped.detail.emplace_back("reservation", entry.reservation->ToString());
  }
  return clamped;
}

}  // namespace

CounterDelta DeltaOf(const LedgerEntry& entry, Unit unit) {
  return {.spent = entry.spent[unit],
          .reserved = entry.reserved[unit],
          .overage = entry.overage[unit],
          .unpriced = entry.unpriced};
}

WindowKey Books::CurrentWindow(const Limit& limit) {
  const auto [at, inserted] = current_windows_.try_emplace(limit.id);
  if (inserted) at->second = KeyAt(limit.spec.window, now_);
  return at->second;
}

WorkingSet::CounterSlot& Books::SlotOf(const Limit& limit, WindowKey window) {
  WorkingSet::CounterSlot& slot = set_.counters[CounterKeyOf(limit, window)];
  Age(limit, now_, slot.counter);
  return slot;
}

const Tally& Books::TallyOf(const Limit& limit, WindowKey window) {
  return SlotOf(limit, window).counter.tally;
}

const Counter& Books::CounterOf(const Limit& limit, WindowKey window) {
  return SlotOf(limit, window).counter;
}

bool Books::Counts(const Limit& limit, WindowKey window) const {
  return !limit.IsRolling() ||
         IsLiveBucket(window, KeyAt(limit.spec.window, now_));
}

int64_t Books::Headroom(const Limit& limit, WindowKey window) {
  if (!Counts(limit, window)) return kAmountMax;
  return std::max<int64_t>(
      0, limit.Ceiling() - TallyOf(limit, window).Usage());
}

LimitReading Books::Read(const Limit& limit, WindowKey window) {
  const Counter& counter = CounterOf(limit, window);
  LimitReading reading{.limit = limit.id, .tally = counter.tally};
  reading.window = limit.IsRolling() ? CurrentWindow(limit) : window;
  if (!limit.removed && limit.spec.cap) {
    const int64_t blocking =
        OverageBlocks(catalog(), limit) ? counter.tally.overage : 0;
    reading.cap = limit.spec.cap;
    reading.remaining = std::max<int64_t>(
        0, *limit.spec.cap - counter.tally.Usage() - blocking);
  }
  if (limit.spec.window.kind == WindowKind::kCalendar) {
    reading.window_start = absl::FromUnixSeconds(window);
    reading.reset_time = CalendarEnd(limit.spec.window, window);
  } else if (limit.IsRolling()) {
    reading.window_start =
        BucketStart(limit.spec.window, reading.window - kBucketsPerWindow);
    for (const Bucket& bucket : counter.buckets) {
      if (bucket.spent == 0 && bucket.overage == 0) continue;
      reading.reset_time = BucketAgesOut(limit.spec.window, bucket.number);
      break;
    }
  }
  return reading;
}

std::vector<LimitReading> Books::Read(absl::Span<const Pin> pins) {
  std::vector<LimitReading> readings;
  readings.reserve(pins.size());
  for (const Pin& pin : pins) {
    readings.push_back(Read(*catalog().FindLimit(pin.limit), pin.window));
  }
  return readings;
}

std::optional<LedgerEntry> Books::ClampedPart(const LedgerEntry& entry,
                                              const Pin& pin) {
  const Limit& limit = *catalog().FindLimit(pin.limit);
  if (!Counts(limit, pin.window)) return std::nullopt;
  const CounterDelta whole = DeltaOf(entry, limit.spec.unit);
  const CounterDelta fits = Clamped(
      whole, RefundableIn(limit, pin.window, CounterOf(limit, pin.window)));
  if (fits.spent == whole.spent && fits.overage == whole.overage) {
    return std::nullopt;
  }
  return ClampedEntry(entry, pin, limit.spec.unit, fits);
}

std::vector<Crossing> Books::Post(LedgerEntry entry) {
  std::vector<Crossing> crossed;
  std::vector<LedgerEntry> clamped;
  std::vector<Pin> whole;
  for (const Pin& pin : entry.pins) {
    if (auto part = ClampedPart(entry, pin)) {
      clamped.push_back(*std::move(part));
    } else {
      whole.push_back(pin);
    }
  }
  if (!clamped.empty()) entry.pins = std::move(whole);
  Append(std::move(entry), crossed);
  for (LedgerEntry& part : clamped) Append(std::move(part), crossed);
  return crossed;
}

void Books::Append(LedgerEntry entry, std::vector<Crossing>& crossed) {
  entry.sequence = ++set_.root.last_sequence;
  entry.at = now_;
  set_.root.last_time = now_;
  for (const Pin& pin : entry.pins) Move(entry, pin, crossed);
  set_.entries.push_back(std::move(entry));
}

void Books::Move(const LedgerEntry& entry, const Pin& pin,
                 std::vector<Crossing>& crossed) {
  const Limit& limit = *catalog().FindLimit(pin.limit);
  WorkingSet::CounterSlot& slot = SlotOf(limit, pin.window);
  const Tally before = slot.counter.tally;
  Apply(limit, pin.window, DeltaOf(entry, limit.spec.unit), now_,
        slot.counter);
  slot.changed = true;
  AddCrossings(limit, before, slot.counter.tally, crossed);
}

bool OverageBlocks(const Catalog& catalog, const Limit& limit) {
  const Allocation* owner = catalog.FindAllocation(limit.allocation);
  return owner == nullptr ||
         EffectivePolicies(catalog, owner->path).overage !=
             OveragePolicy::kReport;
}

}  // namespace budget
