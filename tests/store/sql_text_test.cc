#include "server/store/postgres/sql_text.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "server/store/postgres/columns.h"
#include "server/store/postgres/sqlstate.h"

namespace budget {
namespace {

TEST(SqlTextTest, ArraysQuoteWhatNeedsIt) {
  sql_text::ArrayBuilder builder;
  builder.AddText("a\"b\\c,{}");
  builder.AddText("");
  builder.AddNull();
  builder.Add(-5);
  builder.AddBool(true);
  EXPECT_EQ(builder.Take(), "{\"a\\\"b\\\\c,{}\",\"\",NULL,-5,t}");
  EXPECT_EQ(builder.Take(), "{}");
}

TEST(SqlTextTest, TimesKeepTheMicrosecond) {
  EXPECT_EQ(sql_text::FromTime(absl::FromUnixMicros(1'795'302'272'120'001)),
            "2026-11-21T23:04:32.120001+00");
  EXPECT_EQ(sql_text::FromTime(absl::FromUnixMicros(-1)),
            "1969-12-31T23:59:59.999999+00");
}

TEST(ColumnsTest, RefusesRowsThatAreNotFilled) {
  Columns columns(2);
  columns.Row().Int(1);
  EXPECT_THROW(columns.Row(), std::logic_error);
  EXPECT_THROW(columns.Take(), std::logic_error);
}

TEST(SqlstateTest, TellsWhatMayBeTriedAgain) {
  EXPECT_TRUE(sqlstate::IsConflict("40001"));
  EXPECT_TRUE(sqlstate::IsDeadlock("40P01"));
  EXPECT_TRUE(sqlstate::IsLockTimeout("55P03"));
  for (const char* code : {"08006", "25006", "25P03", "25P04", "57P01", "57P02",
                           "57P03", "57P04", "57P05"}) {
    EXPECT_TRUE(sqlstate::IsConnectionLost(code)) << code;
  }
  EXPECT_TRUE(sqlstate::IsOutOfResources("53100"));
  EXPECT_FALSE(sqlstate::IsConflict("23514"));
  EXPECT_FALSE(sqlstate::IsConnectionLost("23514"));
}

}  // namespace
}  // namespace budget
