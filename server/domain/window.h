#ifndef BUDGET_DOMAIN_WINDOW_H_
#define BUDGET_DOMAIN_WINDOW_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace budget {

// The values of both enums are stored in the database: never renumber.
enum class WindowKind : int { kLifetime = 0, kCalendar = 1, kRolling = 2 };
enum class CalendarPeriod : int {
  kHour = 1,
  kDay = 2,
  kWeek = 3,  // Monday to Sunday, ISO 8601.
  kMonth = 4,
  kQuarter = 5,
  kYear = 6,
};

// A rolling window spends in buckets of 1/60 of its duration.
inline constexpr int kBucketsPerWindow = 60;

// Over which time a limit counts. A plain value.
struct Window {
  WindowKind kind = WindowKind::kLifetime;
  CalendarPeriod period = CalendarPeriod::kDay;  // kCalendar only
  std::string zone_name;                         // kCalendar only, IANA
  absl::TimeZone zone;                           // kCalendar only, loaded
  absl::Duration duration;  // kRolling only: 1 s to 366 days, whole seconds

  static Window Lifetime() { return {}; }
  static Window Calendar(CalendarPeriod period, absl::string_view zone_name,
                         absl::TimeZone zone);
  static Window Rolling(absl::Duration duration);

  friend bool operator==(const Window& a, const Window& b) {
    return a.kind == b.kind && a.period == b.period &&
           a.zone_name == b.zone_name && a.duration == b.duration;
  }
};

// Identifies one window of a limit: 0 for lifetime, the start in Unix seconds
// for calendar, the bucket number floor(time x 60 / duration) for rolling.
using WindowKey = int64_t;

// The window that `now` falls in.
WindowKey KeyAt(const Window& window, absl::Time now);

// When the calendar window of `key` ends: the first moment of the next one.
absl::Time CalendarEnd(const Window& window, WindowKey key);

// Whether what was spent in rolling bucket `bucket` still counts in the bucket
// `current`: a bucket counts until all of it is a full duration old.
inline bool IsLiveBucket(WindowKey bucket, WindowKey current) {
  return bucket >= current - kBucketsPerWindow;
}

// The first moment of rolling bucket `bucket`, rounded up to the microsecond.
absl::Time BucketStart(const Window& window, WindowKey bucket);

// The first moment at which rolling bucket `bucket` no longer counts.
absl::Time BucketAgesOut(const Window& window, WindowKey bucket);

// "lifetime", "month Europe/Berlin", "rolling 5h": for people.
std::string Describe(const Window& window);

}  // namespace budget

#endif  // BUDGET_DOMAIN_WINDOW_H_
