#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/store/postgres/migrate.h"
#include "server/store/postgres/migrations.h"
#include "server/store/postgres/postgres_store.h"
#include "tests/support/postgres_fixture.h"

// What each role of sql/roles.sql may do. That the service may do all it has to
// is shown by the cases of every store, which run as the service, too.
namespace budget::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kNotPermitted[] = "42501";
constexpr char kOwner[] = "budget_owner";
constexpr char kService[] = "budget_service";
constexpr char kReader[] = "budget_reader";

// The tables that only grow, each with a column of it.
struct AppendOnly {
  const char* table;
  const char* column;
};
constexpr AppendOnly kAppendOnly[] = {
    {"ledger", "root"}, {"seals", "root"}, {"access_log", "actor"}};

std::vector<std::string> ChangesOf(const AppendOnly& only) {
  return {absl::StrCat("UPDATE budget.", only.table, " SET ", only.column,
                       " = 'x'"),
          absl::StrCat("DELETE FROM budget.", only.table),
          absl::StrCat("TRUNCATE budget.", only.table)};
}

class RolesTest : public ::testing::Test {
 protected:
  std::string Sql(const std::string& sql) { return RunSql(uri_, sql); }
  std::string ErrorAs(const std::string& role, const std::string& sql) {
    return ErrorOfSql(AsMemberOf(role, uri_), sql);
  }
  std::vector<std::string> Tables() {
    return absl::StrSplit(
        Sql("SELECT string_agg(relname, ',') FROM pg_class WHERE relnamespace "
            "= 'budget'::regnamespace AND relkind = 'r'"),
        ',');
  }
  // The privileges on a table or any of its columns, "INSERT SELECT".
  std::string PrivilegesOf(const std::string& role, const std::string& table) {
    return Sql(absl::StrCat(
        "SELECT string_agg(p, ' ' ORDER BY p) FROM unnest(ARRAY['SELECT', "
        "'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p "
        "WHERE CASE WHEN p IN ('DELETE', 'TRUNCATE', 'TRIGGER') "
        "THEN has_table_privilege('", role, "', 'budget.", table, "', p) "
        "ELSE has_any_column_privilege('", role, "', 'budget.", table,
        "', p) OR has_table_privilege('", role, "', 'budget.", table,
        "', p) END"));
  }
  std::string Missing() {
    return Sql(absl::StrCat("SELECT count(*) FROM (", MissingGrants(), ") m"));
  }
  void ExpectThatTheOwnerIsRefusedChanges() {
    for (const AppendOnly& only : kAppendOnly) {
      for (const std::string& change : ChangesOf(only)) {
        EXPECT_EQ(ErrorAs(kOwner, change), kNotPermitted) << change;
      }
    }
  }

  std::string uri_ = FreshDatabaseWithRoles();
};

TEST_F(RolesTest, TheServiceMayNotChangeWhatOnlyGrows) {
  for (const AppendOnly& only : kAppendOnly) {
    const std::string table = absl::StrCat("budget.", only.table);
    EXPECT_EQ(PrivilegesOf(kService, only.table), "INSERT SELECT");
    std::vector<std::string> refused = ChangesOf(only);
    for (const std::string& sql :
         {absl::StrCat("BEGIN; LOCK TABLE ", table),
          absl::StrCat("ALTER TABLE ", table, " DISABLE TRIGGER ALL"),
          absl::StrCat("DROP TRIGGER append_only ON ", table),
          absl::StrCat("DROP TABLE ", table)}) {
      refused.push_back(sql);
    }
    for (const std::string& sql : refused) {
      EXPECT_EQ(ErrorAs(kService, sql), kNotPermitted) << sql;
    }
  }
}

TEST_F(RolesTest, TheServiceMayNotChangeTheSchema) {
  MakeRoles(uri_);  // also what is of this database alone
  for (const char* sql :
       {"CREATE TABLE budget.x ()", "CREATE TABLE public.x ()",
        "CREATE TEMPORARY TABLE ledger ()", "CREATE SCHEMA x",
        "ALTER TABLE budget.roots ADD COLUMN x integer",
        "ALTER TABLE budget.counters DROP CONSTRAINT counters_within_ceiling",
        "CREATE INDEX ON budget.ledger (at)", "DROP TABLE budget.lane_0",
        "DROP SCHEMA budget CASCADE", "DROP TYPE budget.root_row CASCADE",
        "CREATE FUNCTION budget.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW budget.x AS SELECT 1",
        "CREATE TRIGGER x BEFORE INSERT ON budget.ledger EXECUTE FUNCTION "
        "budget.refuse_change()",
        "CREATE RULE x AS ON INSERT TO budget.ledger DO INSTEAD NOTHING",
        "INSERT INTO budget.schema_migrations VALUES (9999, 'x', true)",
        "DELETE FROM budget.schema_migrations",
        "SET ROLE budget_owner", "CREATE ROLE x",
        "COPY budget.ledger TO PROGRAM 'cat'"}) {
    EXPECT_EQ(ErrorAs(kService, sql), kNotPermitted) << sql;
  }
  // Only warned of.
  ErrorAs(kService, "GRANT UPDATE ON budget.ledger TO budget_service");
  EXPECT_EQ(PrivilegesOf(kService, "ledger"), "INSERT SELECT");
}

TEST_F(RolesTest, TheServiceMayChangeOnlyTheColumnsItHasTo) {
  for (const char* sql :
       {"UPDATE budget.roots SET root = 'x'",
        "UPDATE budget.allocations SET path = 'x'",
        "UPDATE budget.limits SET unit = 1",
        "UPDATE budget.counters SET limit_id = 1",
        "UPDATE budget.reservations SET created_at = now()",
        "UPDATE budget.denials SET path = 'x'",
        "UPDATE budget.tokens SET principal = 'x'",
        "UPDATE budget.grants SET principal = 'x'",
        "UPDATE budget.access_log SET actor = 'x'",
        "UPDATE budget.prices SET version = 1",
        "UPDATE budget.admin_requests SET kind = 1",
        "DELETE FROM budget.roots", "DELETE FROM budget.allocations",
        "DELETE FROM budget.limits", "DELETE FROM budget.counters",
        "DELETE FROM budget.denials", "DELETE FROM budget.prices",
        "DELETE FROM budget.admin_requests", "DELETE FROM budget.tokens",
        "DELETE FROM budget.access_log", "TRUNCATE budget.reservations",
        "TRUNCATE budget.lane_0"}) {
    EXPECT_EQ(ErrorAs(kService, sql), kNotPermitted) << sql;
  }
}

TEST_F(RolesTest, TheReaderMayReadEverythingAndNothingElse) {
  ASSERT_GT(Tables().size(), 20u);
  for (const std::string& table : Tables()) {
    if (table == "tokens") continue;
    EXPECT_EQ(PrivilegesOf(kReader, table), "SELECT") << table;
    EXPECT_EQ(ErrorAs(kReader, absl::StrCat("SELECT FROM budget.", table)), "");
  }
  for (const char* sql :
       {"INSERT INTO budget.ledger (root) VALUES ('x')",
        "SELECT secret_hash FROM budget.tokens",
        "UPDATE budget.counters SET spent = 0", "DELETE FROM budget.ledger",
        "TRUNCATE budget.ledger", "CREATE TABLE budget.x ()",
        "BEGIN; LOCK TABLE budget.lane_0 IN EXCLUSIVE MODE",
        "SET ROLE budget_service"}) {
    EXPECT_EQ(ErrorAs(kReader, sql), kNotPermitted) << sql;
  }
}

TEST_F(RolesTest, OthersMayNothing) {
  Sql("DO $$ BEGIN IF to_regrole('stranger') IS NULL THEN "
      "CREATE ROLE stranger LOGIN; END IF; END $$");
  for (const std::string& table : Tables()) {
    EXPECT_EQ(PrivilegesOf("stranger", table), "") << table;
  }
}

TEST_F(RolesTest, EvenTheOwnerIsRefusedAChangeOfWhatOnlyGrows) {
  ExpectThatTheOwnerIsRefusedChanges();
}

// The order of sql/README.md on a new database: the roles first.
TEST_F(RolesTest, TheOwnerIsRefusedItWhereTheRolesWereThereFirst) {
  uri_ = EmptyDatabase();
  MakeRoles(uri_);
  ASSERT_EQ(Migrate(AsMemberOf(kOwner, uri_), nullptr), absl::OkStatus());
  ExpectThatTheOwnerIsRefusedChanges();
}

TEST_F(RolesTest, MigratingMendsTheTriggers) {
  Sql("DROP TRIGGER append_only ON budget.ledger");
  Sql("ALTER TABLE budget.seals DISABLE TRIGGER append_only");
  ASSERT_EQ(ErrorAs(kOwner, "DELETE FROM budget.ledger"), "");
  ASSERT_EQ(ErrorAs(kOwner, "DELETE FROM budget.seals"), "");
  ASSERT_EQ(Migrate(AsMemberOf(kOwner, uri_), nullptr), absl::OkStatus());
  ExpectThatTheOwnerIsRefusedChanges();
}

TEST_F(RolesTest, TheOwnerMigratesAndTheServiceServes) {
  uri_ = EmptyDatabase();
  MakeRoles(uri_);
  const std::string service = AsMemberOf(kService, uri_);
  EXPECT_EQ(Migrate(service, nullptr).code(),
            absl::StatusCode::kPermissionDenied);
  ASSERT_EQ(Migrate(AsMemberOf(kOwner, uri_), nullptr), absl::OkStatus());
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_class WHERE relnamespace = "
                "'budget'::regnamespace AND relowner <> "
                "'budget_owner'::regrole"),
            "0");
  EXPECT_EQ(Missing(), "0");
  EXPECT_EQ(Migrate(service, nullptr), absl::OkStatus());
  PostgresOptions options;
  options.uri = service;
  EXPECT_TRUE(OpenPostgresStore(options).ok());
}

TEST_F(RolesTest, TheServiceSaysWhoIsToMigrate) {
  Sql("DELETE FROM budget.schema_migrations WHERE version = "
      "(SELECT max(version) FROM budget.schema_migrations)");
  const absl::Status status = Migrate(AsMemberOf(kService, uri_), nullptr);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("run \"budgetd migrate\""));
}

TEST_F(RolesTest, MigratingMendsThePrivileges) {
  Sql("GRANT UPDATE, TRUNCATE ON budget.ledger TO budget_service");
  Sql("GRANT UPDATE (root) ON budget.ledger TO budget_service");
  Sql("GRANT UPDATE ON budget.counters TO budget_service");
  Sql("GRANT INSERT ON budget.roots TO PUBLIC");
  Sql("REVOKE ALL ON budget.seals FROM budget_service, budget_reader");
  // As a later migration would.
  Sql("CREATE TABLE budget.later ()");
  Sql("ALTER TABLE budget.later OWNER TO budget_owner");
  EXPECT_NE(Missing(), "0");
  std::vector<std::thread> rivals;
  for (int i = 0; i < 4; ++i) {
    rivals.emplace_back([&] {
      EXPECT_EQ(Migrate(AsMemberOf(kOwner, uri_), nullptr), absl::OkStatus());
    });
  }
  for (std::thread& rival : rivals) rival.join();
  EXPECT_EQ(Missing(), "0");
  EXPECT_EQ(PrivilegesOf(kService, "ledger"), "INSERT SELECT");
  EXPECT_EQ(PrivilegesOf(kService, "seals"), "INSERT SELECT");
  EXPECT_EQ(PrivilegesOf(kService, "counters"), "INSERT SELECT UPDATE");
  EXPECT_EQ(ErrorAs(kService, "UPDATE budget.counters SET root = 'x'"),
            kNotPermitted);
  EXPECT_EQ(PrivilegesOf(kReader, "later"), "SELECT");
}

TEST_F(RolesTest, TheFileMayBeRunAgain) {
  MakeRoles(uri_);
  MakeRoles(uri_);
  EXPECT_EQ(Missing(), "0");
}

// A database where one role does everything needs none of this.
TEST_F(RolesTest, WithoutRolesNothingIsGranted) {
  uri_ = FreshDatabase();
  const std::string before =
      Sql("SELECT count(*) FROM pg_class WHERE relacl IS NOT NULL AND "
          "relnamespace = 'budget'::regnamespace");
  EXPECT_EQ(before, "0");
}

}  // namespace
}  // namespace budget::testing
