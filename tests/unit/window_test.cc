#include "server/domain/window.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/base/zone.h"

namespace budget {
namespace {

absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text;
  return time;
}

Window In(CalendarPeriod period, absl::string_view zone) {
  return Window::Calendar(period, zone, *FindZone(zone));
}

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

// The window that `now` falls in, "from .. to".
std::string Span(const Window& window, absl::string_view now) {
  const WindowKey key = KeyAt(window, At(now));
  return Text(absl::FromUnixSeconds(key)) + " .. " +
         Text(CalendarEnd(window, key));
}

struct Case {
  CalendarPeriod period;
  const char* zone;
  const char* now;
  const char* from;
  const char* to;
};

void ExpectSpans(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(Span(In(c.period, c.zone), c.now),
              std::string(c.from) + " .. " + c.to)
        << c.zone << " " << c.now;
  }
}

constexpr auto kHour = CalendarPeriod::kHour;
constexpr auto kDay = CalendarPeriod::kDay;
constexpr auto kWeek = CalendarPeriod::kWeek;
constexpr auto kMonth = CalendarPeriod::kMonth;
constexpr auto kQuarter = CalendarPeriod::kQuarter;
constexpr auto kYear = CalendarPeriod::kYear;

TEST(CalendarWindowTest, FollowsTheCalendar) {
  ExpectSpans({
      {kHour, "UTC", "2026-11-21T23:59:59.999999Z", "2026-11-21T23:00:00Z",
       "2026-11-22T00:00:00Z"},
      {kDay, "UTC", "2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z",
       "2026-11-22T00:00:00Z"},
      {kWeek, "UTC", "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z",
       "2026-11-23T00:00:00Z"},
      {kWeek, "UTC", "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z",
       "2026-11-30T00:00:00Z"},
      {kWeek, "UTC", "2027-01-01T12:00:00Z", "2026-12-28T00:00:00Z",
       "2027-01-04T00:00:00Z"},
      {kMonth, "UTC", "2026-01-31T23:59:59Z", "2026-01-01T00:00:00Z",
       "2026-02-01T00:00:00Z"},
      {kQuarter, "UTC", "2026-11-21T00:00:00Z", "2026-10-01T00:00:00Z",
       "2027-01-01T00:00:00Z"},
      {kQuarter, "UTC", "2026-03-31T23:59:59Z", "2026-01-01T00:00:00Z",
       "2026-04-01T00:00:00Z"},
      {kYear, "UTC", "2026-12-31T23:59:59Z", "2026-01-01T00:00:00Z",
       "2027-01-01T00:00:00Z"},
  });
}

TEST(CalendarWindowTest, KnowsLeapDays) {
  ExpectSpans({
      {kDay, "UTC", "2028-02-29T12:00:00Z", "2028-02-29T00:00:00Z",
       "2028-03-01T00:00:00Z"},
      {kMonth, "UTC", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z",
       "2028-03-01T00:00:00Z"},
      {kMonth, "UTC", "2027-02-28T12:00:00Z", "2027-02-01T00:00:00Z",
       "2027-03-01T00:00:00Z"},
      {kMonth, "UTC", "2100-02-28T12:00:00Z", "2100-02-01T00:00:00Z",
       "2100-03-01T00:00:00Z"},
  });
}

TEST(CalendarWindowTest, HasShortAndLongDaysWhereClocksChange) {
  ExpectSpans({
      {kDay, "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z",
       "2026-03-29T22:00:00Z"},
      {kDay, "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z",
       "2026-10-25T23:00:00Z"},
      {kDay, "America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z",
       "2026-11-02T05:00:00Z"},
      {kMonth, "America/New_York", "2026-03-20T00:00:00Z",
       "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"},
      {kYear, "Australia/Lord_Howe", "2026-06-01T00:00:00Z",
       "2025-12-31T13:00:00Z", "2026-12-31T13:00:00Z"},
  });
}

TEST(CalendarWindowTest, TheHourThatIsSkippedIsNoWindow) {
  ExpectSpans({
      {kHour, "Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T00:00:00Z",
       "2026-03-29T01:00:00Z"},
      {kHour, "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z",
       "2026-03-29T02:00:00Z"},
      {kHour, "America/New_York", "2026-03-08T07:30:00Z",
       "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"},
  });
}

TEST(CalendarWindowTest, TheHourThatIsRepeatedIsAWindowOfItsOwn) {
  ExpectSpans({
      {kHour, "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z",
       "2026-10-25T01:00:00Z"},
      {kHour, "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z",
       "2026-10-25T02:00:00Z"},
      {kHour, "America/New_York", "2026-11-01T06:30:00Z",
       "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z"},
  });
}

// Lord Howe's clocks change by half an hour, from 2:00 to 1:30 and from 2:00
// to 2:30.
TEST(CalendarWindowTest, HalfAnHourOfChangeMakesALongAndAShortHour) {
  ExpectSpans({
      {kHour, "Australia/Lord_Howe", "2026-04-04T14:30:00Z",
       "2026-04-04T14:00:00Z", "2026-04-04T15:30:00Z"},
      {kHour, "Australia/Lord_Howe", "2026-04-04T15:10:00Z",
       "2026-04-04T14:00:00Z", "2026-04-04T15:30:00Z"},
      {kHour, "Australia/Lord_Howe", "2026-10-03T15:29:59Z",
       "2026-10-03T14:30:00Z", "2026-10-03T15:30:00Z"},
      {kHour, "Australia/Lord_Howe", "2026-10-03T15:45:00Z",
       "2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z"},
      {kHour, "Asia/Kathmandu", "2026-06-15T12:20:00Z", "2026-06-15T12:15:00Z",
       "2026-06-15T13:15:00Z"},
  });
}

TEST(CalendarWindowTest, ADayBeginsAtTheFirstOfTwoMidnights) {
  ExpectSpans({
      {kDay, "America/Havana", "2019-11-03T04:30:00Z", "2019-11-03T04:00:00Z",
       "2019-11-04T05:00:00Z"},
      {kDay, "America/Havana", "2019-11-03T05:30:00Z", "2019-11-03T04:00:00Z",
       "2019-11-04T05:00:00Z"},
      {kWeek, "America/Havana", "2019-11-03T05:30:00Z", "2019-10-28T04:00:00Z",
       "2019-11-04T05:00:00Z"},
      {kDay, "Atlantic/Azores", "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z",
       "2026-10-26T01:00:00Z"},
      {kDay, "Atlantic/Azores", "2026-10-25T01:30:00Z", "2026-10-25T00:00:00Z",
       "2026-10-26T01:00:00Z"},
  });
}

TEST(CalendarWindowTest, ADayWhoseMidnightIsSkippedBeginsWithTheChange) {
  ExpectSpans({
      {kDay, "America/Havana", "2019-03-10T12:00:00Z", "2019-03-10T05:00:00Z",
       "2019-03-11T04:00:00Z"},
      {kDay, "America/Sao_Paulo", "2018-11-04T12:00:00Z",
       "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
      {kDay, "Asia/Beirut", "2025-03-30T12:00:00Z", "2025-03-29T22:00:00Z",
       "2025-03-30T21:00:00Z"},
      {kDay, "America/Havana", "2019-03-10T04:59:59Z", "2019-03-09T05:00:00Z",
       "2019-03-10T05:00:00Z"},
  });
}

// Samoa went from 29 to 31 December 2011.
TEST(CalendarWindowTest, ADayThatIsSkippedIsNoWindow) {
  ExpectSpans({
      {kDay, "Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z",
       "2011-12-30T10:00:00Z"},
      {kDay, "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z",
       "2011-12-31T10:00:00Z"},
      {kMonth, "Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-01T10:00:00Z",
       "2011-12-31T10:00:00Z"},
  });
}

TEST(CalendarWindowTest, WorksBefore1970) {
  ExpectSpans({
      {kDay, "UTC", "1969-12-31T23:30:00Z", "1969-12-31T00:00:00Z",
       "1970-01-01T00:00:00Z"},
      {kHour, "UTC", "1969-12-31T23:59:59.5Z", "1969-12-31T23:00:00Z",
       "1970-01-01T00:00:00Z"},
      {kYear, "UTC", "1968-02-29T00:00:00Z", "1968-01-01T00:00:00Z",
       "1969-01-01T00:00:00Z"},
  });
}

// Checks that the window of `now` is one with those before and after it.
void ExpectNeighbours(const Window& window, absl::Time now) {
  const WindowKey key = KeyAt(window, now);
  const absl::Time end = CalendarEnd(window, key);
  ASSERT_LE(absl::FromUnixSeconds(key), now) << Describe(window) << Text(now);
  ASSERT_GT(end, now) << Describe(window) << Text(now);
  ASSERT_EQ(KeyAt(window, absl::FromUnixSeconds(key)), key)
      << Describe(window) << Text(now);
  ASSERT_EQ(KeyAt(window, end - absl::Microseconds(1)), key)
      << Describe(window) << Text(now);
  ASSERT_EQ(KeyAt(window, end), absl::ToUnixSeconds(end))
      << Describe(window) << Text(now);
}

// Whatever the zone does, windows follow each other without gap or overlap.
TEST(CalendarWindowTest, EveryMomentIsInExactlyOneWindow) {
  for (const char* zone :
       {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
        "America/Havana", "Atlantic/Azores", "Asia/Beirut", "Africa/Casablanca",
        "Asia/Kathmandu", "Pacific/Chatham", "America/Sao_Paulo"}) {
    for (CalendarPeriod period : {kDay, kWeek, kMonth, kQuarter, kYear}) {
      for (absl::Time now = At("2017-12-30T00:07:00Z");
           now < At("2019-02-02T00:00:00Z"); now += absl::Minutes(397)) {
        ExpectNeighbours(In(period, zone), now);
      }
    }
    for (absl::Time now = At("2018-01-01T00:00:00Z");
         now < At("2019-01-01T00:00:00Z"); now += absl::Minutes(15)) {
      ExpectNeighbours(In(kHour, zone), now);
    }
  }
}

TEST(LifetimeWindowTest, IsAlwaysTheSame) {
  EXPECT_EQ(KeyAt(Window::Lifetime(), At("1950-01-01T00:00:00Z")), 0);
  EXPECT_EQ(KeyAt(Window::Lifetime(), At("2950-01-01T00:00:00Z")), 0);
}

TEST(RollingWindowTest, CutsTimeIntoSixtiethsToTheMicrosecond) {
  const Window seven = Window::Rolling(absl::Seconds(7));
  const auto key = [&](int64_t micros) {
    return KeyAt(seven, absl::FromUnixMicros(micros));
  };
  EXPECT_EQ(key(0), 0);
  EXPECT_EQ(key(116'666), 0);
  EXPECT_EQ(key(116'667), 1);
  EXPECT_EQ(key(6'999'999), 59);
  EXPECT_EQ(key(7'000'000), 60);
  EXPECT_EQ(key(-1), -1);
  EXPECT_EQ(key(-116'666), -1);
  EXPECT_EQ(key(-116'667), -2);
}

TEST(RollingWindowTest, ABucketBeginsWithTheFirstMicrosecondInIt) {
  for (absl::Duration duration :
       {absl::Seconds(1), absl::Seconds(7), absl::Hours(5),
        absl::Hours(24 * 366)}) {
    const Window window = Window::Rolling(duration);
    for (WindowKey bucket : {-61, -1, 0, 1, 59, 60, 1'000'003}) {
      const absl::Time start = BucketStart(window, bucket);
      EXPECT_EQ(KeyAt(window, start), bucket);
      EXPECT_EQ(KeyAt(window, start - absl::Microseconds(1)), bucket - 1);
    }
  }
}

TEST(RollingWindowTest, ABucketCountsUntilAllOfItIsADurationOld) {
  for (absl::Duration duration :
       {absl::Seconds(1), absl::Seconds(7), absl::Minutes(1), absl::Hours(5)}) {
    const Window window = Window::Rolling(duration);
    const absl::Time last_in_bucket =
        BucketStart(window, 18) - absl::Microseconds(1);
    const absl::Time out = BucketAgesOut(window, 17);
    EXPECT_GE(out, last_in_bucket + duration);
    EXPECT_FALSE(IsLiveBucket(17, KeyAt(window, out)));
    EXPECT_TRUE(
        IsLiveBucket(17, KeyAt(window, out - absl::Microseconds(1))));
  }
}

TEST(RollingWindowTest, HoldsInTheFarFuture) {
  const Window year = Window::Rolling(absl::Hours(24 * 366));
  const absl::Time now = At("9999-12-31T23:59:59.999999Z");
  EXPECT_LE(BucketStart(year, KeyAt(year, now)), now);
  EXPECT_GT(BucketStart(year, KeyAt(year, now) + 1), now);
}

TEST(WindowTest, IsDescribedForPeople) {
  EXPECT_EQ(Describe(Window::Lifetime()), "lifetime");
  EXPECT_EQ(Describe(In(kMonth, "Europe/Berlin")), "month Europe/Berlin");
  EXPECT_EQ(Describe(Window::Rolling(absl::Hours(5))), "rolling 5h");
}

TEST(WindowTest, EqualsByWhatItSays) {
  EXPECT_EQ(In(kDay, "UTC"), In(kDay, "UTC"));
  EXPECT_FALSE(In(kDay, "UTC") == In(kDay, "Europe/Berlin"));
  EXPECT_FALSE(In(kDay, "UTC") == In(kHour, "UTC"));
  EXPECT_FALSE(Window::Rolling(absl::Hours(1)) ==
               Window::Rolling(absl::Hours(2)));
  EXPECT_FALSE(Window::Lifetime() == Window::Rolling(absl::Hours(2)));
}

}  // namespace
}  // namespace budget
