#include "server/store/postgres/migrate.h"

#include <atomic>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/store/postgres/migrations.h"
#include "tests/support/postgres_fixture.h"

namespace budget::testing {
namespace {

std::string Head() { return absl::StrCat(Migrations().back().version); }

TEST(MigrateTest, BringsAnEmptyDatabaseToHead) {
  const std::string uri = EmptyDatabase();
  EXPECT_EQ(CheckSchema(uri).code(), absl::StatusCode::kFailedPrecondition);
  std::vector<std::string> lines;
  ASSERT_EQ(Migrate(uri, [&](absl::string_view line) {
              lines.emplace_back(line);
            }),
            absl::OkStatus());
  EXPECT_EQ(lines.size(), Migrations().size());
  EXPECT_EQ(CheckSchema(uri), absl::OkStatus());
  EXPECT_EQ(RunSql(uri, "SELECT max(version) FROM budget.schema_migrations"),
            Head());
}

TEST(MigrateTest, DoesNothingAtHead) {
  const std::string uri = FreshDatabase();
  EXPECT_EQ(Migrate(uri, [](absl::string_view) { FAIL(); }), absl::OkStatus());
}

TEST(MigrateTest, RivalRunnersApplyEachMigrationOnce) {
  const std::string uri = EmptyDatabase();
  std::atomic<int> applied{0};
  std::vector<std::thread> runners;
  for (int i = 0; i < 8; ++i) {
    runners.emplace_back([&] {
      EXPECT_EQ(Migrate(uri, [&](absl::string_view) { ++applied; }),
                absl::OkStatus());
    });
  }
  for (std::thread& runner : runners) runner.join();
  EXPECT_EQ(applied, static_cast<int>(Migrations().size()));
}

TEST(MigrateTest, RefusesASchemaThatIsNewerAndBreaking) {
  const std::string uri = FreshDatabase();
  RunSql(uri,
         "INSERT INTO budget.schema_migrations (version, name, breaking) "
         "VALUES (9999, 'later', true)");
  const std::string message = absl::StrCat(
      "schema is newer (version 9999) than this binary (", Head(),
      "): upgrade budgetd");
  for (const absl::Status& status : {Migrate(uri, nullptr), CheckSchema(uri)}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(status.message(), message);
  }
}

TEST(MigrateTest, AcceptsASchemaThatIsNewerAndCompatible) {
  const std::string uri = FreshDatabase();
  RunSql(uri,
         "INSERT INTO budget.schema_migrations (version, name, breaking) "
         "VALUES (9999, 'later', false)");
  EXPECT_EQ(Migrate(uri, nullptr), absl::OkStatus());
  EXPECT_EQ(CheckSchema(uri), absl::OkStatus());
}

TEST(MigrateTest, SaysWhichPrivilegeIsMissing) {
  const std::string uri = EmptyDatabase();
  RunSql(uri, "CREATE ROLE nobody LOGIN");
  std::string as_nobody = uri;
  as_nobody.replace(as_nobody.find("user=budget"), 11, "user=nobody");
  EXPECT_EQ(Migrate(as_nobody, nullptr).code(),
            absl::StatusCode::kPermissionDenied);
}

TEST(MigrateTest, SaysThatTheDatabaseCannotBeReached) {
  EXPECT_EQ(Migrate("postgresql:///x?host=/nowhere", nullptr).code(),
            absl::StatusCode::kUnavailable);
}

// Comments, settings and blank lines differ between versions of pg_dump.
std::string Normalised(const std::string& dump) {
  std::string lines;
  for (const absl::string_view line : absl::StrSplit(dump, '\n')) {
    if (line.empty() || absl::StartsWith(line, "--") ||
        absl::StartsWith(line, "SET ") || absl::StartsWith(line, "\\") ||
        absl::StartsWith(line, "SELECT pg_catalog.set_config")) {
      continue;
    }
    absl::StrAppend(&lines, line, "\n");
  }
  return lines;
}

TEST(MigrateTest, SaysWhyTheServerLetsNobodyIn) {
  const std::string uri = EmptyDatabase();
  const absl::Status status = Migrate(
      "postgresql://:secret@/nosuch" + uri.substr(uri.find('?')), nullptr);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(absl::StrContains(status.message(),
                                "database \"nosuch\" does not exist"))
      << status;
  EXPECT_FALSE(absl::StrContains(status.message(), "secret")) << status;
}

TEST(MigrateTest, QuotesNothingOfAConnectionStringThatCannotBeRead) {
  const absl::Status status =
      Migrate("host=/nowhere password=sec ret dbname=d", nullptr);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(absl::StrContains(status.message(), "ret ")) << status;
  EXPECT_FALSE(absl::StrContains(status.message(), "\"ret\"")) << status;
}

TEST(MigrateTest, TheCommittedDumpIsTheSchemaAtHead) {
  const std::string dump = Normalised(
      RunTool("pg_dump", absl::StrCat("--schema-only --no-owner "
                                      "--no-privileges --schema=budget '",
                                      FreshDatabase(), "'")));
  std::ifstream file(BUDGET_SCHEMA_SQL);
  std::stringstream committed;
  committed << file.rdbuf();
  if (Normalised(committed.str()) == dump) return;
  const std::string fresh = ::testing::TempDir() + "schema.sql";
  std::ofstream(fresh) << dump;
  FAIL() << "sql/schema.sql is not what the migrations make: compare it with "
         << fresh << ", and replace it if the change is meant";
}

// Both run side by side while replicas are replaced.
TEST(MigrateTest, TheReleaseBeforeOwnersStillWritesReservations) {
  const std::string uri = FreshDatabase();
  EXPECT_EQ(
      RunSql(
          uri,
          "INSERT INTO budget.reservations (root, id, state, created_at, "
          "  expires_at, ended_at, allocation_ids, pin_limits, pin_windows, "
          "  held_usd_nanos, held_tokens, held_requests, spent_usd_nanos, "
          "  spent_tokens, spent_requests, overage_usd_nanos, overage_tokens, "
          "  overage_requests, reported, usage_final, settled_late, unpriced, "
          "  requested, granted, on_expiry, price_version, crossed_limits, "
          "  crossed_percents, reserve_sequence, asked_origin, asked_amounts, "
          "  asked_minimum, asked_ttl_micros, asked_tags, asked_on_expiry, "
          "  asked_usd_unknown, asked_model, asked_meters) "
          "SELECT (d).* FROM unnest(ARRAY[ROW('acme', gen_random_uuid(), 1, "
          "  now(), now(), NULL, '{1}', '{}', '{}', 0, 0, 0, 0, 0, 0, 0, 0, 0, "
          "  '{0,0,0}', false, false, false, '{0,0,0}', '{0,0,0}', 1, 0, '{}', "
          "  '{}', 1, 1, '{0,0,0}', NULL, 1, '{}', 0, false, NULL, NULL)"
          "  ::budget.reservation_row]) AS d RETURNING 'owner ' || owner"),
      "owner ");
}

}  // namespace
}  // namespace budget::testing
