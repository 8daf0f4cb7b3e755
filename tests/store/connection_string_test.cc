#include "server/store/postgres/connection_string.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <map>
#include <memory>
#include <string>

#include "server/store/postgres/migrate.h"
#include "tests/support/postgres_fixture.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Words = std::map<std::string, std::string>;

// What libpq makes of the completed string.
Words Completed(const std::string& uri) {
  const absl::StatusOr<std::string> text = CompleteConnectionString(uri);
  EXPECT_TRUE(text.ok()) << text.status();
  if (!text.ok()) return {};
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(text->c_str(), nullptr), &PQconninfoFree);
  EXPECT_NE(options, nullptr) << *text;
  Words words;
  for (auto* o = options.get(); o != nullptr && o->keyword != nullptr; ++o) {
    if (o->val != nullptr) words[o->keyword] = o->val;
  }
  return words;
}

TEST(ConnectionStringTest, AsksForAServerThatTakesWrites) {
  EXPECT_EQ(Completed("postgresql://a,b/d")["target_session_attrs"],
            "read-write");
  EXPECT_EQ(Completed("host=a,b")["target_session_attrs"], "read-write");
  EXPECT_EQ(Completed("postgresql://a,b/d?target_session_attrs=primary")
                ["target_session_attrs"],
            "primary");
}

TEST(ConnectionStringTest, LimitsTheTimeThatAServerWhichVanishedTakes) {
  Words words = Completed("postgresql://a/d");
  EXPECT_EQ(words["connect_timeout"], "5");
  EXPECT_EQ(words["tcp_user_timeout"], "15000");
  EXPECT_EQ(words["keepalives_idle"], "10");
  EXPECT_EQ(words["keepalives_interval"], "5");
}

TEST(ConnectionStringTest, WhatIsGivenStays) {
  Words words = Completed(
      "host=a,b port=1,2 dbname=d connect_timeout = 9 "
      "tcp_user_timeout='7' application_name=mine");
  EXPECT_EQ(words["host"], "a,b");
  EXPECT_EQ(words["port"], "1,2");
  EXPECT_EQ(words["dbname"], "d");
  EXPECT_EQ(words["connect_timeout"], "9");
  EXPECT_EQ(words["tcp_user_timeout"], "7");
  EXPECT_EQ(words["application_name"], "mine");
}

// What looks like a parameter inside of another is none.
TEST(ConnectionStringTest, EveryCharacterOfAValueIsKept) {
  Words words = Completed(
      "postgresql://u:p%27%5C%20connect_timeout=1@a:1,b:2/d?sslmode=require");
  EXPECT_EQ(words["password"], "p'\\ connect_timeout=1");
  EXPECT_EQ(words["connect_timeout"], "5");
  EXPECT_EQ(words["host"], "a,b");
  EXPECT_EQ(words["port"], "1,2");
  EXPECT_EQ(words["sslmode"], "require");
}

TEST(ConnectionStringTest, AStandbyIsRefused) {
  for (const char* attribute :
       {"any", "read-only", "standby", "prefer-standby"}) {
    const absl::Status status =
        CompleteConnectionString(
            std::string("postgresql://u:secret@a/d?target_session_attrs=") +
            attribute)
            .status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << attribute;
    EXPECT_THAT(std::string(status.message()), HasSubstr("read-write"));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  }
}

TEST(ConnectionStringTest, WhatCannotBeReadIsRefusedWithoutQuotingIt) {
  const std::string uri = "postgresql://u:secret%zz@a/d";
  EXPECT_EQ(CompleteConnectionString(uri).status().code(),
            absl::StatusCode::kInvalidArgument);
  const absl::Status migrated = Migrate(uri, nullptr);
  EXPECT_EQ(migrated.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(migrated.message()), Not(HasSubstr("secret")));
}

// As a standby is to libpq: it takes no writes.
TEST(ConnectionStringTest, WhereNoHostTakesWritesTheErrorSaysWhatToDo) {
  const std::string uri = FreshDatabase();
  RunSql(uri,
         "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET "
         "default_transaction_read_only = on', current_database()); END $$");
  for (const absl::Status& status :
       {CheckSchema(uri), Migrate(uri, nullptr)}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("no host of the URL takes writes"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("promote"));
  }
}

}  // namespace
}  // namespace budget::testing
