#include "client/ctl/limit_text.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/ctl/amount_text.h"

namespace budget {
namespace {

struct PeriodName {
  absl::string_view name;
  v1::CalendarPeriod period;
};
constexpr PeriodName kPeriods[] = {
    {"hour", v1::CALENDAR_PERIOD_HOUR},       {"day", v1::CALENDAR_PERIOD_DAY},
    {"week", v1::CALENDAR_PERIOD_WEEK},       {"month", v1::CALENDAR_PERIOD_MONTH},
    {"quarter", v1::CALENDAR_PERIOD_QUARTER}, {"year", v1::CALENDAR_PERIOD_YEAR},
};

absl::Status Refuse(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "the limit \"", text, "\" ", why,
      "; write it like month:usd=$1000/month@Europe/Berlin, "
      "day:tokens=1M/day, burst:usd=$5/rolling:5h or total:usd=$100/lifetime"));
}

// Takes what follows the last `separator` off `text`; empty if there is none.
absl::string_view TakeAfter(absl::string_view& text, char separator) {
  const size_t at = text.rfind(separator);
  if (at == absl::string_view::npos) return {};
  const absl::string_view after = text.substr(at + 1);
  text = text.substr(0, at);
  return after;
}

absl::Status AddWarnings(absl::string_view list, v1::Limit* limit) {
  if (list.empty()) return absl::OkStatus();
  for (const absl::string_view part : absl::StrSplit(list, ',')) {
    int percent = 0;
    if (!absl::SimpleAtoi(absl::StripSuffix(part, "%"), &percent)) {
      return absl::InvalidArgumentError(
          absl::StrCat("has the warning \"", part, "\", not a whole percentage"));
    }
    limit->add_warn_percent(percent);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Window> ParseWindow(absl::string_view text) {
  v1::Window window;
  const std::pair<absl::string_view, absl::string_view> at =
      absl::StrSplit(text, absl::MaxSplits('@', 1));
  const auto& [kind, zone] = at;
  for (const PeriodName& period : kPeriods) {
    if (kind != period.name) continue;
    window.mutable_calendar()->set_period(period.period);
    window.mutable_calendar()->set_time_zone(std::string(zone));
    return window;
  }
  if (!zone.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the window \"", text, "\" takes no time zone"));
  }
  if (kind == "lifetime") {
    window.mutable_lifetime();
    return window;
  }
  absl::string_view rest = kind;
  if (absl::ConsumePrefix(&rest, "rolling:")) {
    const auto duration = ParseDurationText(rest);
    if (!duration.ok()) return duration.status();
    window.mutable_rolling()->mutable_duration()->set_seconds(
        absl::ToInt64Seconds(*duration));
    return window;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the window \"", text, "\" is unknown; write lifetime, hour, day, week, ",
      "month, quarter, year (with @Zone/City if not UTC) or rolling:5h"));
}

absl::StatusOr<v1::Limit> ParseLimit(absl::string_view text) {
  v1::Limit limit;
  absl::string_view rest = text;
  const absl::string_view warnings = TakeAfter(rest, '!');
  const size_t colon = rest.find(':');
  const size_t equals = rest.find('=');
  const size_t slash = rest.find('/');
  if (colon == rest.npos || equals == rest.npos || slash == rest.npos ||
      colon > equals || equals > slash) {
    return Refuse(text, "lacks its name, unit, cap or window");
  }
  limit.set_name(std::string(rest.substr(0, colon)));
  const auto unit = ParseUnit(rest.substr(colon + 1, equals - colon - 1));
  if (!unit.ok()) return Refuse(text, unit.status().message());
  limit.set_unit(*unit);
  const absl::string_view cap = rest.substr(equals + 1, slash - equals - 1);
  if (cap != "none") {
    const auto amount = ParseAmount(cap, *unit);
    if (!amount.ok()) return amount.status();
    if (amount->value < 0) return Refuse(text, "has a negative cap");
    limit.set_cap(amount->value);
  }
  auto window = ParseWindow(rest.substr(slash + 1));
  if (!window.ok()) return window.status();
  *limit.mutable_window() = *std::move(window);
  if (const absl::Status s = AddWarnings(warnings, &limit); !s.ok()) {
    return Refuse(text, s.message());
  }
  return limit;
}

std::string FormatWindow(const v1::Window& window) {
  switch (window.kind_case()) {
    case v1::Window::kLifetime:
      return "lifetime";
    case v1::Window::kRolling:
      return absl::StrCat("rolling:", FormatDurationText(absl::Seconds(
                                          window.rolling().duration().seconds())));
    case v1::Window::kCalendar:
      for (const PeriodName& period : kPeriods) {
        if (period.period != window.calendar().period()) continue;
        const std::string& zone = window.calendar().time_zone();
        if (zone.empty() || zone == "UTC") return std::string(period.name);
        return absl::StrCat(period.name, "@", zone);
      }
      return "calendar";
    default:
      return "unknown";
  }
}

std::string DescribeLimit(const v1::Limit& limit) {
  const std::string cap = limit.has_cap()
                              ? FormatAmount(limit.unit(), limit.cap())
                              : absl::StrCat(UnitWord(limit.unit()), ", no cap");
  if (limit.window().has_lifetime()) return absl::StrCat(cap, " in all");
  return absl::StrCat(cap, " / ", FormatWindow(limit.window()));
}

}  // namespace budget
