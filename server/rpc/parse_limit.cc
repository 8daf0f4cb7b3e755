#include <optional>

#include "absl/strings/str_cat.h"
#include "server/base/zone.h"
#include "server/rpc/field_error.h"
#include "server/rpc/parse_field.h"

namespace budget {
namespace {

constexpr DurationRule kRollingRule = {.min = absl::Seconds(1),
                                       .max = absl::Hours(24 * 366)};
constexpr int kWarnPercentMax = 1000;

absl::Status ParseCalendar(const v1::CalendarWindow& calendar, Window& out) {
  if (calendar.period() == v1::CALENDAR_PERIOD_UNSPECIFIED ||
      !v1::CalendarPeriod_IsValid(calendar.period())) {
    return FieldError("period",
                      absl::StrCat("is ", static_cast<int>(calendar.period()),
                                   "; give one of CALENDAR_PERIOD_HOUR, _DAY, "
                                   "_WEEK, _MONTH, _QUARTER, _YEAR"));
  }
  const absl::string_view name = calendar.time_zone().empty()
                                     ? absl::string_view("UTC")
                                     : absl::string_view(calendar.time_zone());
  const std::optional<absl::TimeZone> zone = FindZone(name);
  if (!zone) {
    return FieldError("time_zone",
                      "is unknown; give an IANA name such as "
                      "\"Europe/Berlin\", or none for UTC");
  }
  out = Window::Calendar(static_cast<CalendarPeriod>(calendar.period()), name,
                         *zone);
  return absl::OkStatus();
}

absl::Status ParseRolling(const v1::RollingWindow& rolling, Window& out) {
  absl::Duration duration;
  BUDGET_RETURN_IF_ERROR(
      ParseDuration("duration", rolling.duration(), kRollingRule, duration));
  if (rolling.duration().nanos() != 0) {
    return FieldError("duration",
                      absl::StrCat("is ", absl::FormatDuration(duration),
                                   "; give whole seconds"));
  }
  out = Window::Rolling(duration);
  return absl::OkStatus();
}

absl::Status CheckWarnPercents(const v1::Limit& limit) {
  if (limit.warn_percent_size() > kWarnPercentsMax) {
    return FieldError(
        "warn_percent",
        absl::StrCat("has ", limit.warn_percent_size(), " items; at most ",
                     kWarnPercentsMax, " are allowed"));
  }
  int previous = 0;
  for (int i = 0; i < limit.warn_percent_size(); ++i) {
    const int percent = limit.warn_percent(i);
    if (percent <= previous || percent > kWarnPercentMax) {
      return Within(
          "warn_percent", i,
          FieldError("", absl::StrCat("is ", percent, "; give 1 to ",
                                      kWarnPercentMax, ", ascending")));
    }
    previous = percent;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseWindow(absl::string_view field, const v1::Window& window,
                         Window& out) {
  switch (window.kind_case()) {
    case v1::Window::kLifetime:
      out = Window::Lifetime();
      return absl::OkStatus();
    case v1::Window::kCalendar:
      return Within(field,
                    Within("calendar", ParseCalendar(window.calendar(), out)));
    case v1::Window::kRolling:
      return Within(field,
                    Within("rolling", ParseRolling(window.rolling(), out)));
    case v1::Window::KIND_NOT_SET:
      break;
  }
  return FieldError(field, "is missing; give lifetime, calendar or rolling");
}

absl::Status ParseLimit(absl::string_view field, const v1::Limit& limit,
                        LimitSpec& out) {
  BUDGET_RETURN_IF_ERROR(
      Within(field, ParseName("name", limit.name(), out.name)));
  BUDGET_RETURN_IF_ERROR(
      Within(field, ParseUnit("unit", limit.unit(), out.unit)));
  BUDGET_RETURN_IF_ERROR(
      Within(field, ParseWindow("window", limit.window(), out.window)));
  if (limit.has_cap()) {
    BUDGET_RETURN_IF_ERROR(Within(field, CheckAmount("cap", limit.cap())));
    out.cap = limit.cap();
  }
  BUDGET_RETURN_IF_ERROR(Within(field, CheckWarnPercents(limit)));
  out.warn_percent.assign(limit.warn_percent().begin(),
                          limit.warn_percent().end());
  return absl::OkStatus();
}

}  // namespace budget
