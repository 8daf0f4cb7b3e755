#include "server/domain/window.h"

#include "absl/strings/str_cat.h"

namespace budget {
namespace {

int64_t FloorDivide(__int128 numerator, int64_t denominator) {
  const __int128 quotient = numerator / denominator;
  const bool round_down =
      numerator % denominator != 0 && (numerator < 0) != (denominator < 0);
  return static_cast<int64_t>(round_down ? quotient - 1 : quotient);
}

// The first instant that carries the civil time `civil`, or, where a clock
// change skips it, the instant of that change.
absl::Time FirstInstant(absl::CivilSecond civil, absl::TimeZone zone) {
  const absl::TimeZone::TimeInfo info = zone.At(civil);
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

absl::CivilDay PeriodStart(CalendarPeriod period, absl::CivilDay day) {
  switch (period) {
    case CalendarPeriod::kHour:
    case CalendarPeriod::kDay:
      return day;
    case CalendarPeriod::kWeek:
      return absl::PrevWeekday(day + 1, absl::Weekday::monday);
    case CalendarPeriod::kMonth:
      return absl::CivilDay(absl::CivilMonth(day));
    case CalendarPeriod::kQuarter:
      return absl::CivilDay(day.year(), (day.month() - 1) / 3 * 3 + 1, 1);
    case CalendarPeriod::kYear:
      return absl::CivilDay(absl::CivilYear(day));
  }
  return day;
}

absl::CivilDay NextPeriodStart(CalendarPeriod period, absl::CivilDay start) {
  switch (period) {
    case CalendarPeriod::kHour:
    case CalendarPeriod::kDay:
      return start + 1;
    case CalendarPeriod::kWeek:
      return start + 7;
    case CalendarPeriod::kMonth:
      return absl::CivilDay(absl::CivilMonth(start) + 1);
    case CalendarPeriod::kQuarter:
      return absl::CivilDay(absl::CivilMonth(start) + 3);
    case CalendarPeriod::kYear:
      return absl::CivilDay(absl::CivilYear(start) + 1);
  }
  return start + 1;
}

// Hours are bounded by instants at which the civil hour changes, so the hour
// that a clock change repeats is a window of its own.
absl::Time HourStart(absl::TimeZone zone, absl::Time now) {
  const absl::CivilSecond civil = absl::ToCivilSecond(now, zone);
  const absl::Time start =
      absl::FromUnixSeconds(absl::ToUnixSeconds(now)) -
      absl::Seconds(civil.minute() * 60 + civil.second());
  absl::TimeZone::CivilTransition change;
  // PrevTransition looks at whole seconds, and at those before.
  if (!zone.PrevTransition(now + absl::Seconds(1), &change)) return start;
  const absl::Time changed_at = zone.At(change.to).trans;
  if (changed_at <= start || changed_at > now) return start;
  const absl::CivilHour before(
      absl::ToCivilSecond(changed_at - absl::Seconds(1), zone));
  if (before == absl::CivilHour(absl::ToCivilSecond(changed_at, zone))) {
    return HourStart(zone, changed_at - absl::Seconds(1));
  }
  return changed_at;
}

// Every hour starts within 2 hours of the one before, and never twice in the
// same 15 minutes: clock changes and offsets are multiples of that today.
absl::Time HourEnd(absl::TimeZone zone, absl::Time start) {
  for (absl::Time at = start + absl::Minutes(15);; at += absl::Minutes(15)) {
    const absl::Time candidate = HourStart(zone, at);
    if (candidate > start) return candidate;
  }
}

// The period whose first instant is the last one not after `now`: where a
// clock change repeats midnight, the day begins at the first of the two.
absl::Time CalendarStart(const Window& window, absl::Time now) {
  if (window.period == CalendarPeriod::kHour) {
    return HourStart(window.zone, now);
  }
  absl::CivilDay start =
      PeriodStart(window.period, absl::ToCivilDay(now, window.zone));
  for (absl::CivilDay next = NextPeriodStart(window.period, start);
       FirstInstant(absl::CivilSecond(next), window.zone) <= now;
       next = NextPeriodStart(window.period, start)) {
    start = next;
  }
  return FirstInstant(absl::CivilSecond(start), window.zone);
}

}  // namespace

Window Window::Calendar(CalendarPeriod period, absl::string_view zone_name,
                        absl::TimeZone zone) {
  Window window;
  window.kind = WindowKind::kCalendar;
  window.period = period;
  window.zone_name = std::string(zone_name);
  window.zone = zone;
  return window;
}

Window Window::Rolling(absl::Duration duration) {
  Window window;
  window.kind = WindowKind::kRolling;
  window.duration = duration;
  return window;
}

WindowKey KeyAt(const Window& window, absl::Time now) {
  switch (window.kind) {
    case WindowKind::kLifetime:
      return 0;
    case WindowKind::kCalendar:
      return absl::ToUnixSeconds(CalendarStart(window, now));
    case WindowKind::kRolling:
      return FloorDivide(
          static_cast<__int128>(absl::ToUnixMicros(now)) * kBucketsPerWindow,
          absl::ToInt64Microseconds(window.duration));
  }
  return 0;
}

absl::Time CalendarEnd(const Window& window, WindowKey key) {
  const absl::Time start = absl::FromUnixSeconds(key);
  if (window.period == CalendarPeriod::kHour) {
    return HourEnd(window.zone, start);
  }
  absl::CivilDay day =
      PeriodStart(window.period, absl::ToCivilDay(start, window.zone));
  absl::Time end = start;
  while (end <= start) {
    day = NextPeriodStart(window.period, day);
    end = FirstInstant(absl::CivilSecond(day), window.zone);
  }
  return end;
}

absl::Time BucketStart(const Window& window, WindowKey bucket) {
  const __int128 scaled = static_cast<__int128>(bucket) *
                          absl::ToInt64Microseconds(window.duration);
  return absl::FromUnixMicros(-FloorDivide(-scaled, kBucketsPerWindow));
}

absl::Time BucketAgesOut(const Window& window, WindowKey bucket) {
  return BucketStart(window, bucket + kBucketsPerWindow + 1);
}

std::string Describe(const Window& window) {
  switch (window.kind) {
    case WindowKind::kLifetime:
      return "lifetime";
    case WindowKind::kRolling:
      return absl::StrCat("rolling ", absl::FormatDuration(window.duration));
    case WindowKind::kCalendar:
      break;
  }
  static constexpr absl::string_view kPeriods[] = {
      "", "hour", "day", "week", "month", "quarter", "year"};
  return absl::StrCat(kPeriods[static_cast<int>(window.period)], " ",
                      window.zone_name);
}

}  // namespace budget
