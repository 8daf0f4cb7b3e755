#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "client/ctl/amount_text.h"
#include "client/ctl/expected_text.h"
#include "client/ctl/limit_text.h"
#include "client/ctl/price_file.h"
#include "client/ctl/table.h"
#include "client/ctl/views.h"

namespace budget {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kDollar = 1'000'000'000;

struct AmountCase {
  const char* text;
  v1::Unit hint;
  v1::Unit unit;
  int64_t value;
};

constexpr AmountCase kAmounts[] = {
    {"$12.50", v1::UNIT_UNSPECIFIED, v1::UNIT_USD_NANOS, 12 * kDollar + kDollar / 2},
    {"12.5usd", v1::UNIT_UNSPECIFIED, v1::UNIT_USD_NANOS, 12 * kDollar + kDollar / 2},
    {"12.5 USD", v1::UNIT_USD_NANOS, v1::UNIT_USD_NANOS, 12 * kDollar + kDollar / 2},
    {"$0.000000001", v1::UNIT_UNSPECIFIED, v1::UNIT_USD_NANOS, 1},
    {"500 nanos", v1::UNIT_UNSPECIFIED, v1::UNIT_USD_NANOS, 500},
    {"$1,000", v1::UNIT_UNSPECIFIED, v1::UNIT_USD_NANOS, 1000 * kDollar},
    {"$1.5k", v1::UNIT_UNSPECIFIED, v1::UNIT_USD_NANOS, 1500 * kDollar},
    {"-$3", v1::UNIT_UNSPECIFIED, v1::UNIT_USD_NANOS, -3 * kDollar},
    {"$-3", v1::UNIT_UNSPECIFIED, v1::UNIT_USD_NANOS, -3 * kDollar},
    {"7", v1::UNIT_USD_NANOS, v1::UNIT_USD_NANOS, 7 * kDollar},
    {"1.5M tokens", v1::UNIT_UNSPECIFIED, v1::UNIT_TOKENS, 1'500'000},
    {"1token", v1::UNIT_UNSPECIFIED, v1::UNIT_TOKENS, 1},
    {"500000", v1::UNIT_TOKENS, v1::UNIT_TOKENS, 500'000},
    {"1_000_000", v1::UNIT_TOKENS, v1::UNIT_TOKENS, 1'000'000},
    {"20 requests", v1::UNIT_UNSPECIFIED, v1::UNIT_REQUESTS, 20},
    {"0", v1::UNIT_REQUESTS, v1::UNIT_REQUESTS, 0},
    {"2305843009213693952", v1::UNIT_TOKENS, v1::UNIT_TOKENS, kAmountMax},
    // Doubles would miss the last digits.
    {"$2305843009.213693951", v1::UNIT_UNSPECIFIED, v1::UNIT_USD_NANOS,
     kAmountMax - 1},
};

TEST(ParseAmountTest, ReadsEveryFormExactly) {
  for (const AmountCase& c : kAmounts) {
    const auto amount = ParseAmount(c.text, c.hint);
    ASSERT_TRUE(amount.ok()) << c.text << ": " << amount.status();
    EXPECT_EQ(amount->unit, c.unit) << c.text;
    EXPECT_EQ(amount->value, c.value) << c.text;
  }
}

TEST(ParseAmountTest, RefusesWhatIsNotExact) {
  for (const char* text :
       {"", "$", "abc", "$1.0000000001", "1.5 tokens", "1..5usd", "$5 tokens",
        "1e9", "2305843009213693953 tokens", "$99999999999999999999999999",
        "0x10 tokens", ",5 tokens", "5, tokens", "--5usd", "500000", "1.5 nanos"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseAmount(text).status())) << text;
  }
  EXPECT_FALSE(ParseAmount("5 tokens", v1::UNIT_USD_NANOS).ok());
}

TEST(FormatAmountTest, ShowsWhatPeopleRead) {
  EXPECT_EQ(FormatAmount(v1::UNIT_USD_NANOS, 12 * kDollar + 340'000'000), "$12.34");
  EXPECT_EQ(FormatAmount(v1::UNIT_USD_NANOS, 1), "$0.000000001");
  EXPECT_EQ(FormatAmount(v1::UNIT_USD_NANOS, -1500 * kDollar), "-$1,500.00");
  EXPECT_EQ(FormatAmount(v1::UNIT_TOKENS, 1'234'567), "1,234,567 tokens");
  EXPECT_EQ(FormatAmount(v1::UNIT_REQUESTS, 0), "0 requests");
  EXPECT_EQ(FormatAmount(v1::UNIT_REQUESTS, 1), "1 request");
  EXPECT_EQ(ShortAmount(v1::UNIT_TOKENS, 1'234'567), "1.235M");
}

TEST(FormatAmountTest, IsReadBackExactly) {
  for (const int64_t value : {int64_t{0}, int64_t{1}, int64_t{999'999'999},
                              12 * kDollar, kAmountMax, kAmountMax - 1}) {
    const std::string text = FormatAmount(v1::UNIT_USD_NANOS, value);
    const auto amount = ParseAmount(text);
    ASSERT_TRUE(amount.ok()) << text << amount.status();
    EXPECT_EQ(amount->value, value) << text;
  }
}

TEST(ParseDurationTextTest, ReadsDaysToo) {
  EXPECT_EQ(*ParseDurationText("10m"), absl::Minutes(10));
  EXPECT_EQ(*ParseDurationText("7d"), absl::Hours(168));
  EXPECT_EQ(*ParseDurationText("1d12h"), absl::Hours(36));
  for (const char* text : {"320368570m", "", "10", "-5m", "m", "inf", "5 m"}) {
    EXPECT_FALSE(ParseDurationText(text).ok()) << text;
  }
  EXPECT_EQ(FormatDurationText(absl::Hours(5)), "5h");
  EXPECT_EQ(FormatDurationText(absl::Hours(36)), "1d12h");
  EXPECT_EQ(FormatDurationText(absl::Seconds(90)), "1m30s");
  EXPECT_EQ(FormatDurationText(absl::ZeroDuration()), "0");
}

TEST(ParseLimitTest, ReadsEveryWindow) {
  const auto month = ParseLimit("month:usd=$1000/month@Europe/Berlin!80,95");
  ASSERT_TRUE(month.ok()) << month.status();
  EXPECT_EQ(month->name(), "month");
  EXPECT_EQ(month->unit(), v1::UNIT_USD_NANOS);
  EXPECT_EQ(month->cap(), 1000 * kDollar);
  EXPECT_EQ(month->window().calendar().period(), v1::CALENDAR_PERIOD_MONTH);
  EXPECT_EQ(month->window().calendar().time_zone(), "Europe/Berlin");
  EXPECT_THAT(month->warn_percent(), ::testing::ElementsAre(80, 95));

  const auto day = ParseLimit("day:tokens=1M/day");
  ASSERT_TRUE(day.ok()) << day.status();
  EXPECT_EQ(day->cap(), 1'000'000);

  const auto burst = ParseLimit("burst:usd=$5/rolling:5h");
  ASSERT_TRUE(burst.ok()) << burst.status();
  EXPECT_EQ(burst->window().rolling().duration().seconds(), 18'000);

  const auto total = ParseLimit("total:usd=100/lifetime");
  ASSERT_TRUE(total.ok()) << total.status();
  EXPECT_EQ(total->cap(), 100 * kDollar);
  EXPECT_TRUE(total->window().has_lifetime());

  const auto open = ParseLimit("seen:requests=none/year");
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_FALSE(open->has_cap());
}

TEST(ParseLimitTest, SaysWhichPartIsWrong) {
  EXPECT_THAT(std::string(ParseLimit("month").status().message()),
              HasSubstr("lacks its name"));
  EXPECT_THAT(std::string(ParseLimit("m:eur=5/month").status().message()),
              HasSubstr("\"eur\" is unknown"));
  EXPECT_THAT(std::string(ParseLimit("m:usd=$x/month").status().message()),
              HasSubstr("is not a number"));
  EXPECT_THAT(std::string(ParseLimit("m:usd=$5/fortnight").status().message()),
              HasSubstr("\"fortnight\" is unknown"));
  EXPECT_THAT(std::string(ParseLimit("m:usd=-$5/month").status().message()),
              HasSubstr("negative"));
  EXPECT_THAT(std::string(ParseLimit("m:usd=$5/lifetime@UTC").status().message()),
              HasSubstr("takes no time zone"));
}

TEST(FormatWindowTest, IsReadBack) {
  for (const char* text :
       {"lifetime", "month@Europe/Berlin", "day", "rolling:5h", "rolling:7d"}) {
    const auto window = ParseWindow(text);
    ASSERT_TRUE(window.ok()) << text;
    EXPECT_EQ(FormatWindow(*window), text);
  }
}

TEST(TableTest, AlignsByCharactersNotBytes) {
  Table table({"NAME", "SPENT>"});
  table.AddRow({"ä", "1"});
  table.AddRow({"bcdef", "1,234"});
  EXPECT_EQ(table.ToString(),
            "NAME   SPENT\n"
            "ä          1\n"
            "bcdef  1,234\n");
}

TEST(UsageBarTest, ShowsTheShare) {
  EXPECT_EQ(UsageBar(0, 10, 4), "░░░░   0 %");
  EXPECT_EQ(UsageBar(5, 10, 4), "██░░  50 %");
  EXPECT_EQ(UsageBar(30, 10, 4), "████ 300 %");
  EXPECT_EQ(UsageBar(kAmountMax, kAmountMax, 4), "████ 100 %");
  EXPECT_EQ(UsageBar(0, 0), "-");
}

TEST(RenderRemainingTest, ShowsFiguresBarAndReset) {
  v1::QueryRemainingResponse remaining;
  remaining.mutable_read_time()->set_seconds(1'000'000);
  remaining.set_ledger_sequence(42);
  auto* limit = remaining.add_limits();
  limit->set_allocation("acme");
  limit->set_limit("month");
  limit->set_unit(v1::UNIT_USD_NANOS);
  limit->mutable_window()->mutable_calendar()->set_period(
      v1::CALENDAR_PERIOD_MONTH);
  limit->set_cap(100 * kDollar);
  limit->set_spent(40 * kDollar);
  limit->set_reserved(10 * kDollar);
  limit->set_remaining(50 * kDollar);
  limit->mutable_reset_time()->set_seconds(1'000'000 + 3600);
  EXPECT_EQ(RenderRemaining(remaining, absl::UTCTimeZone()),
            "ALLOCATION  LIMIT  WINDOW   SPENT  RESERVED  OVERAGE      CAP  "
            "REMAINING  USED              RESETS\n"
            "acme        month  month   $40.00    $10.00        -  $100.00     "
            "$50.00  █████░░░░░  50 %  in 1h (1970-01-12 14:46:40)\n"
            "as of 1970-01-12 13:46:40, ledger entry 42\n");
}

TEST(RenderTreeTest, IndentsByDepth) {
  v1::Allocation root;
  root.set_path("acme");
  v1::Allocation team;
  team.set_path("acme/search");
  team.set_frozen(true);
  const std::string text = RenderTree({root, team});
  EXPECT_THAT(text, HasSubstr("\nacme"));
  EXPECT_THAT(text, HasSubstr("\n  search"));
  EXPECT_THAT(text, HasSubstr("frozen"));
}

TEST(ParsePriceFileTest, ReadsBothForms) {
  const auto people = ParsePriceFile(R"({"large": {"input_tokens": "$2.50"}})");
  ASSERT_TRUE(people.ok()) << people.status();
  EXPECT_EQ(people->prices(0).model(), "large");
  EXPECT_EQ(people->prices(0).meters(0).usd_nanos_per_million(),
            2 * kDollar + kDollar / 2);
  const auto machine = ParsePriceFile(
      R"({"version": "3", "prices": [{"model": "m", "meters":
          [{"meter": "input_tokens", "usdNanosPerMillion": "7"}]}]})");
  ASSERT_TRUE(machine.ok()) << machine.status();
  EXPECT_EQ(machine->prices(0).meters(0).usd_nanos_per_million(), 7);
}

TEST(ParsePriceFileTest, NamesModelAndMeter) {
  EXPECT_FALSE(ParsePriceFile("").ok());
  EXPECT_FALSE(ParsePriceFile("[1]").ok());
  EXPECT_THAT(
      std::string(
          ParsePriceFile(R"({"large": {"input_tokens": 2.5}})").status().message()),
      HasSubstr("model large, meter input_tokens"));
}

TEST(ExpectedTextTest, ReadsAcknowledgedEntriesOfEachRoot) {
  ExpectedByRoot expected;
  ASSERT_TRUE(ParseAtLeast("acme=4711", expected).ok());
  ASSERT_TRUE(ParseExpectedFile("# from the gateways\n\nacme 12 0198c0de-x\r\n"
                                "  zeta\t7",
                                expected)
                  .ok());
  ASSERT_EQ(expected.size(), 2u);
  ASSERT_EQ(expected["acme"].size(), 2u);
  EXPECT_EQ(expected["acme"][0].sequence(), 4711);
  EXPECT_EQ(expected["acme"][1].sequence(), 12);
  EXPECT_EQ(expected["acme"][1].reservation_id(), "0198c0de-x");
  EXPECT_EQ(expected["zeta"][0].sequence(), 7);
}

TEST(ExpectedTextTest, SaysWhichLineIsWrong) {
  ExpectedByRoot expected;
  for (const char* text : {"acme", "acme 0", "acme x", "acme 1 a b"}) {
    const absl::Status status =
        ParseExpectedFile(absl::StrCat("acme 1\n", text), expected);
    EXPECT_THAT(std::string(status.message()), HasSubstr("line 2")) << text;
  }
  for (const char* text : {"acme", "=1", "acme=0", "acme=1=2", "acme=x"}) {
    const absl::Status status = ParseAtLeast(text, expected);
    EXPECT_THAT(std::string(status.message()), HasSubstr("acme=4711")) << text;
  }
}

}  // namespace
}  // namespace budget
