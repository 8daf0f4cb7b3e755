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

// What can be taken back in a line: of a rolling limit, what is in its bucket.
Bucket RefundableIn(const Line& line) {
  if (!line.limit->IsRolling()) {
    return {.spent = line.tally().spent, .overage = line.tally().overage};
  }
  for (const Bucket& bucket : line.counter().buckets) {
    if (bucket.number == line.pin.window) return bucket;
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

LedgerEntry ClampedEntry(const LedgerEntry& entry, const Line& line,
                         const CounterDelta& delta) {
  const Unit unit = line.unit();
  LedgerEntry clamped;
  clamped.kind = entry.kind;
  clamped.pins = {line.pin};
  clamped.spent[unit] = delta.spent;
  clamped.reserved[unit] = delta.reserved;
  clamped.overage[unit] = delta.overage;
  clamped.unpriced = delta.unpriced;
  clamped.detail = {{kClampedDetail, "true"}};
  if (entry.reservation) {
    clamped.detail.emplace_back("reservation", entry.reservation->ToString());
  }
  return clamped;
}

// What the line takes of a refund that it cannot take in full; nullopt where
// it takes all of the entry.
std::optional<LedgerEntry> ClampedPart(const LedgerEntry& entry,
                                       const Line& line) {
  if (!line.counts) return std::nullopt;
  const CounterDelta whole = DeltaOf(entry, line.unit());
  const CounterDelta fits = Clamped(whole, RefundableIn(line));
  if (fits.spent == whole.spent && fits.overage == whole.overage) {
    return std::nullopt;
  }
  return ClampedEntry(entry, line, fits);
}

bool IsRefund(const LedgerEntry& entry) {
  for (Unit unit : kUnits) {
    if (entry.spent[unit] < 0 || entry.overage[unit] < 0) return true;
  }
  return false;
}

// Whether overage counts against the cap where `limit` is.
bool OverageBlocks(const Catalog& catalog, const Limit& limit) {
  const Allocation* owner = catalog.FindAllocation(limit.allocation);
  return owner == nullptr ||
         EffectivePolicies(catalog, owner->path).overage !=
             OveragePolicy::kReport;
}

// A reading of the limit in `window` without figures.
LimitReading BlankReading(const Limit& limit, WindowKey window) {
  LimitReading reading{.limit = limit.id, .window = window};
  if (!limit.removed) reading.cap = limit.spec.cap;
  if (limit.spec.window.kind == WindowKind::kCalendar) {
    reading.window_start = absl::FromUnixSeconds(window);
    reading.reset_time = CalendarEnd(limit.spec.window, window);
  } else if (limit.IsRolling()) {
    reading.window_start =
        BucketStart(limit.spec.window, window - kBucketsPerWindow);
  }
  return reading;
}

void Move(const LedgerEntry& entry, const Line& line, absl::Time now,
          std::vector<Crossing>& crossed) {
  const Tally before = line.tally();
  Apply(*line.limit, line.pin.window, DeltaOf(entry, line.unit()), now,
        line.slot->counter);
  line.slot->changed = true;
  if (!line.limit->spec.warn_percent.empty()) {
    AddCrossings(*line.limit, before, line.tally(), crossed);
  }
}

}  // namespace

CounterDelta DeltaOf(const LedgerEntry& entry, Unit unit) {
  return {.spent = entry.spent[unit],
          .reserved = entry.reserved[unit],
          .overage = entry.overage[unit],
          .unpriced = entry.unpriced};
}

Pin Books::CurrentPin(const Limit& limit) {
  const auto [at, inserted] = current_windows_.try_emplace(limit.id);
  if (inserted) at->second = KeyAt(limit.spec.window, now_);
  return {.limit = limit.id, .window = at->second};
}

void Books::ForgetIfStale() {
  if (catalog_version_ == catalog().version()) return;
  catalog_version_ = catalog().version();
  targets_.clear();
  lines_by_list_.clear();
  lines_.clear();
  latest_list_ = nullptr;
  latest_lines_ = {};
}

const Targets& Books::TargetsOf(const std::vector<std::string>& paths) {
  ForgetIfStale();
  const auto found = targets_.find(paths);
  if (found != targets_.end()) return found->second;
  return targets_.emplace(paths, Resolve(paths, *this)).first->second;
}

Line Books::MakeLine(const Pin& pin) {
  const Limit& limit = *catalog().FindLimit(pin.limit);
  const WindowKey current = CurrentPin(limit).window;
  Line line{.pin = pin,
            .limit = &limit,
            .slot = &set_.counters[CounterKeyOf(limit, pin.window)],
            .counts = !limit.IsRolling() || IsLiveBucket(pin.window, current),
            .overage_blocks = OverageBlocks(catalog(), limit),
            .blank = BlankReading(limit,
                                  limit.IsRolling() ? current : pin.window)};
  Age(limit, now_, line.slot->counter);
  return line;
}

const Line& Books::LineOf(const Pin& pin) {
  ForgetIfStale();
  const auto found = lines_.find(pin);
  if (found != lines_.end()) return found->second;
  return lines_.emplace(pin, MakeLine(pin)).first->second;
}

absl::Span<const Line* const> Books::LinesOf(const SharedList<Pin>& pins) {
  ForgetIfStale();
  const Pin* const list = pins.vector().data();
  if (list == latest_list_) return latest_lines_;
  const auto [at, inserted] = lines_by_list_.try_emplace(list);
  if (inserted) {
    at->second.pins = pins;
    at->second.lines.reserve(pins.size());
    for (const Pin& pin : pins) at->second.lines.push_back(&LineOf(pin));
  }
  latest_list_ = list;
  latest_lines_ = at->second.lines;
  return latest_lines_;
}

std::vector<LimitReading> Books::Read(const SharedList<Pin>& pins) {
  std::vector<LimitReading> readings;
  readings.reserve(pins.size());
  for (const Line* line : LinesOf(pins)) line->Read(readings);
  return readings;
}

std::vector<Crossing> Books::Post(LedgerEntry entry) {
  std::vector<Crossing> crossed;
  std::vector<LedgerEntry> split;
  if (IsRefund(entry)) split = SplitRefund(entry);
  Append(std::move(entry), crossed);
  for (LedgerEntry& part : split) Append(std::move(part), crossed);
  return crossed;
}

std::vector<LedgerEntry> Books::SplitRefund(LedgerEntry& entry) {
  std::vector<LedgerEntry> parts;
  std::vector<Pin> whole;
  for (const Line* line : LinesOf(entry.pins)) {
    if (auto part = ClampedPart(entry, *line)) {
      parts.push_back(*std::move(part));
    } else {
      whole.push_back(line->pin);
    }
  }
  if (!parts.empty()) entry.pins = std::move(whole);
  return parts;
}

void Books::Append(LedgerEntry entry, std::vector<Crossing>& crossed) {
  entry.sequence = ++set_.root.last_sequence;
  entry.at = now_;
  set_.root.last_time = now_;
  for (const Line* line : LinesOf(entry.pins)) {
    Move(entry, *line, now_, crossed);
  }
  set_.entries.push_back(std::move(entry));
}

}  // namespace budget
