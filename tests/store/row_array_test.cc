#include "server/store/postgres/row_array.h"

#include <limits>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "server/store/postgres/result.h"
#include "server/store/postgres/session.h"
#include "tests/support/postgres_fixture.h"

namespace budget {
namespace {

constexpr RowType kPriceRow = {"price_row", 4};
constexpr RowType kRequestRow = {"request_row", 5};
constexpr RowType kLimitRow = {"limit_row", 12};

class RowArrayTest : public ::testing::Test {
 protected:
  // What `rows` are where they arrive.
  Result Echo(RowArray& rows) {
    const std::string name = std::string("echo_") + rows.type().name;
    const std::string sql = std::string("SELECT d.* FROM unnest($1::budget.") +
                            rows.type().name + "[]) AS d";
    return session_.Run({name.c_str(), sql.c_str()}, {session_.Take(rows)});
  }

  Session session_{testing::FreshDatabase(), SessionKind::kWriter};
};

TEST_F(RowArrayTest, ArrivesAsItWasSent) {
  RowArray rows(kPriceRow);
  rows.Row().Text("acme").Int8(-1).Text("a\"b\\c,{}'").Json("{\"in\": 5}");
  rows.Row()
      .Text("")
      .Int8(std::numeric_limits<int64_t>::min())
      .Text("\xc3\xa9")
      .Json("{}");
  const Result result = Echo(rows);
  ASSERT_EQ(result.size(), 2);
  auto at = result.begin();
  RowReader first = *at;
  EXPECT_EQ(first.Text(), "acme");
  EXPECT_EQ(first.Int(), -1);
  EXPECT_EQ(first.Text(), "a\"b\\c,{}'");
  EXPECT_EQ(first.Json(), "{\"in\": 5}");
  ++at;
  RowReader second = *at;
  EXPECT_EQ(second.Text(), "");
  EXPECT_EQ(second.Int(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(second.Text(), "\xc3\xa9");
  EXPECT_EQ(second.Json(), "{}");
}

TEST_F(RowArrayTest, TimesIdsAndBytesKeepEveryBit) {
  const Uuid id = *Uuid::Parse("019a1b2c-3d4e-7f60-8123-456789abcdef");
  const std::string bytes("\0\x7f\xff'\\", 5);
  for (const int64_t micros :
       {int64_t{0}, int64_t{-1}, int64_t{1'700'000'000'100'000},
        int64_t{253'402'300'799'999'999}}) {
    const absl::Time time = absl::FromUnixMicros(micros);
    RowArray rows(kRequestRow);
    rows.Row().Text("acme").Id(id).Number(16).Bytes(bytes).Time(time);
    const Result result = Echo(rows);
    RowReader row = result.front();
    row.Skip();
    EXPECT_EQ(row.Id(), id);
    EXPECT_EQ(row.Int(), 16);
    EXPECT_EQ(row.Text(), bytes);
    EXPECT_EQ(row.Time(), time);
  }
}

TEST_F(RowArrayTest, NullsAndArraysKeepTheirPlaces) {
  const std::vector<int> percents = {50, 90};
  const auto itself = [](int percent) { return percent; };
  RowArray rows(kLimitRow);
  rows.Row()
      .Text("acme")
      .Int4(1)
      .Int4(2)
      .Text("month")
      .Number(0)
      .Number(1)
      .Null(binary::Type::kInt2)
      .Null(binary::Type::kText)
      .OptInt8(std::nullopt)
      .OptInt8(7)
      .Int4s(percents, itself)
      .Bool(true);
  const Result result = Echo(rows);
  RowReader row = result.front();
  for (int i = 0; i < 6; ++i) row.Skip();
  EXPECT_TRUE(row.IsNull());
  row.Skip();
  EXPECT_TRUE(row.IsNull());
  row.Skip();
  EXPECT_EQ(row.OptInt(), std::nullopt);
  EXPECT_EQ(row.OptInt(), 7);
  EXPECT_EQ(row.Numbers32(), percents);
  EXPECT_TRUE(row.Bool());
}

TEST_F(RowArrayTest, OfNoRowsIsAnEmptyArray) {
  RowArray rows(kPriceRow);
  EXPECT_TRUE(Echo(rows).empty());
}

TEST_F(RowArrayTest, RefusesRowsThatAreNotFilled) {
  RowArray rows(kPriceRow);
  rows.Row().Text("acme");
  EXPECT_THROW(rows.Row(), std::logic_error);
  EXPECT_THROW(session_.Take(rows), std::logic_error);
}

TEST_F(RowArrayTest, ReadingTheWrongTypeThrows) {
  RowArray rows(kPriceRow);
  rows.Row().Text("acme").Int8(1).Text("model").Json("{}");
  const Result result = Echo(rows);
  RowReader row = result.front();
  EXPECT_THROW(row.Id(), std::runtime_error);
  EXPECT_THROW(row.Numbers(), std::runtime_error);
}

}  // namespace
}  // namespace budget
