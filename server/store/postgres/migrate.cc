#include "server/store/postgres/migrate.h"

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/store/postgres/connection_string.h"
#include "server/store/postgres/failure.h"
#include "server/store/postgres/migrations.h"
#include "server/store/postgres/row_reader.h"
#include "server/store/postgres/session.h"
#include "server/store/postgres/sqlstate.h"

namespace budget {
namespace {

constexpr int kServerVersionMin = 130000;
// Rival runners make each other repeat a step; never so often.
constexpr int kAttemptsMax = 100;

// Where the schema was made by somebody else, the role need not be allowed to.
constexpr Statement kHasSchema = {
    "has_schema", "SELECT to_regnamespace('budget') IS NOT NULL"};
constexpr char kMakeSchema[] = "CREATE SCHEMA IF NOT EXISTS budget";

constexpr char kMakeHistory[] =
    "CREATE TABLE IF NOT EXISTS budget.schema_migrations ("
    "  version integer NOT NULL, name text NOT NULL, breaking boolean NOT NULL,"
    "  applied_at timestamptz NOT NULL DEFAULT now(),"
    "  CONSTRAINT schema_migrations_pk PRIMARY KEY (version));";

constexpr Statement kRecord = {
    "record_migration",
    "INSERT INTO budget.schema_migrations (version, name, breaking) "
    "VALUES ($1::int, $2, $3::bool)"};

constexpr Statement kApplied = {
    "applied_migrations",
    "SELECT version, breaking FROM budget.schema_migrations ORDER BY version"};

constexpr Statement kServerVersion = {
    "server_version",
    "SELECT current_setting('server_version_num')::int,"
    "       current_setting('server_version')"};

constexpr Statement kHasHistory = {
    "has_history",
    "SELECT to_regclass('budget.schema_migrations') IS NOT NULL"};

// What is made belongs to the owner of the schema, whichever of the members of
// that role migrates.
constexpr Statement kBecomeOwner = {
    "become_owner",
    "SELECT set_config('role', pg_get_userbyid(nspowner), false) "
    "FROM pg_catalog.pg_namespace WHERE nspname = 'budget' "
    "AND pg_has_role(nspowner, 'MEMBER') "
    "AND pg_get_userbyid(nspowner) <> current_user"};

constexpr Statement kMayGrant = {
    "may_grant",
    "SELECT pg_has_role(nspowner, 'USAGE') AND (SELECT count(*) = 2 "
    "  FROM pg_catalog.pg_roles "
    "  WHERE rolname IN ('budget_service', 'budget_reader')) "
    "FROM pg_catalog.pg_namespace WHERE nspname = 'budget'"};

// A REVOKE may take what a later GRANT has to give back.
constexpr int kGrantRoundsMax = 5;

absl::Status CheckServer(Session& session) {
  const Result rows = session.Run(kServerVersion);
  RowReader row = rows.front();
  if (row.Int() >= kServerVersionMin) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the server is PostgreSQL ", row.Text(), ": version 13 or newer is "
      "needed"));
}

bool HasHistory(Session& session) {
  const Result rows = session.Run(kHasHistory);
  return rows.front().Bool();
}

// The versions in the database; refuses those that shut this binary out.
absl::StatusOr<std::set<int64_t>> Applied(Session& session) {
  std::set<int64_t> versions;
  const Result rows = session.Run(kApplied);
  for (RowReader row : rows) {
    const int64_t version = row.Int();
    if (row.Bool() && version > KnownSchema()) {
      return absl::FailedPreconditionError(
          absl::StrCat("schema is newer (version ", version,
                       ") than this binary (", KnownSchema(),
                       "): upgrade budgetd"));
    }
    versions.insert(version);
  }
  return versions;
}

void Bootstrap(Session& session) {
  if (HasHistory(session)) return;
  session.Simple("BEGIN");
  const Result has_schema = session.Run(kHasSchema);
  if (!has_schema.front().Bool()) session.Simple(kMakeSchema);
  session.Simple(kMakeHistory);
  session.Commit();
}

std::vector<std::string> Missing(Session& session) {
  std::vector<std::string> grants;
  const Result rows = session.Run({"missing_grants", MissingGrants()});
  for (RowReader row : rows) grants.push_back(row.Text());
  return grants;
}

// Keeps the roles, where there are some, to what sql/grants.sql says.
void Grant(Session& session) {
  const Result may = session.Run(kMayGrant);
  if (may.empty() || !may.front().Bool()) return;
  for (int round = 0; round < kGrantRoundsMax; ++round) {
    if (Missing(session).empty()) return;
    session.Simple("BEGIN");
    // Rivals would change the same rows of the catalog.
    session.Simple(
        "LOCK TABLE budget.schema_migrations IN SHARE ROW EXCLUSIVE MODE");
    for (const std::string& grant : Missing(session)) session.Simple(grant);
    session.Commit();
  }
}

// Records itself first, so that a rival waits here and then collides.
void Apply(Session& session, const Migration& migration) {
  session.Simple("BEGIN");
  session.Run(kRecord, {absl::StrCat(migration.version),
                        std::string(migration.name),
                        std::string(migration.breaking ? "t" : "f")});
  session.Simple(migration.sql);
  session.Commit();
}

absl::Status ApplyPending(Session& session, const MigrateLog& log) {
  absl::Status server = CheckServer(session);
  if (!server.ok()) return server;
  session.Run(kBecomeOwner);
  Bootstrap(session);
  const absl::StatusOr<std::set<int64_t>> applied = Applied(session);
  if (!applied.ok()) return applied.status();
  for (const Migration& migration : Migrations()) {
    if (applied->count(migration.version) > 0) continue;
    Apply(session, migration);
    if (log) {
      log(absl::StrCat("applied migration ", migration.version, " ",
                       migration.name));
    }
  }
  Grant(session);
  return absl::OkStatus();
}

// Whether a rival got there first.
bool LostRace(absl::string_view code) {
  return sqlstate::IsUniqueViolation(code) || sqlstate::IsDuplicateObject(code);
}

enum class Attempt { kDone, kAgain };

// What the driver says about a connection string that it cannot read may quote
// parts of a password; what a server answered, or that none did, never does.
bool SaysWhichServer(const Failure& failure) {
  return failure.kind == FailureKind::kConnectionLost &&
         absl::StartsWith(failure.detail, "connection to server");
}

// One line for all the hosts that were tried.
std::string OneLine(absl::string_view detail) {
  return absl::StrReplaceAll(absl::StripAsciiWhitespace(detail),
                             {{"\n\t", " "}, {"\n", "; "}});
}

// There is no code for it: the server was not asked anything yet. The texts
// are libpq's for target_session_attrs "read-write" and "primary".
bool IsOnlyAStandby(const Failure& failure) {
  return absl::StrContains(failure.detail, "session is read-only") ||
         absl::StrContains(failure.detail, "server is in hot standby mode");
}

absl::Status FromCurrentException() {
  const Failure failure = DescribeCurrentException();
  if (sqlstate::IsNotPermitted(failure.sqlstate)) {
    return absl::PermissionDeniedError(
        "the database role may not make or change the schema \"budget\", which "
        "is not what this release needs: run \"budgetd migrate\" of this "
        "release as the owner of the schema, or of the database where there is "
        "no schema yet");
  }
  const std::string which =
      SaysWhichServer(failure) ? OneLine(failure.detail) : "";
  if (IsOnlyAStandby(failure)) {
    return absl::UnavailableError(absl::StrCat(
        which, which.empty() ? "" : "; ",
        "no host of the URL takes writes, and a standby must decide nothing: "
        "promote one, or name the primary's host too, as in "
        "postgresql://host-a,host-b/database"));
  }
  if (!which.empty()) return absl::UnavailableError(which);
  if (IsTransient(failure.kind)) return ToStatus(failure);
  return absl::InternalError(
      absl::StrCat("a migration failed: ", failure.status_message));
}

Attempt TryMigrate(Session& session, const MigrateLog& log,
                   absl::Status& status) {
  try {
    status = ApplyPending(session, log);
    return Attempt::kDone;
  } catch (const pqxx::sql_error& e) {
    status = FromCurrentException();
    session.Rollback();
    return LostRace(e.sqlstate()) ? Attempt::kAgain : Attempt::kDone;
  } catch (...) {
    status = FromCurrentException();
    const Failure failure = DescribeCurrentException();
    session.Rollback();
    return IsTransient(failure.kind) && !session.broken() ? Attempt::kAgain
                                                          : Attempt::kDone;
  }
}

}  // namespace

int KnownSchema() { return Migrations().back().version; }

absl::Status Migrate(const std::string& uri, const MigrateLog& log) {
  const absl::Status usable = CompleteConnectionString(uri).status();
  if (!usable.ok()) return usable;
  try {
    Session session(uri, SessionKind::kMigrator);
    absl::Status status;
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
      if (TryMigrate(session, log, status) == Attempt::kDone) break;
    }
    return status;
  } catch (...) {
    return FromCurrentException();
  }
}

absl::Status CheckSchema(const std::string& uri) {
  const absl::Status usable = CompleteConnectionString(uri).status();
  if (!usable.ok()) return usable;
  try {
    Session session(uri, SessionKind::kMigrator);
    absl::Status server = CheckServer(session);
    if (!server.ok()) return server;
    std::set<int64_t> known;
    if (HasHistory(session)) {
      absl::StatusOr<std::set<int64_t>> applied = Applied(session);
      if (!applied.ok()) return applied.status();
      known = *std::move(applied);
    }
    for (const Migration& migration : Migrations()) {
      if (known.count(migration.version) > 0) continue;
      return absl::FailedPreconditionError(
          absl::StrCat("migration ", migration.version, " ", migration.name,
                       " has not been applied to the database: run the "
                       "migrations"));
    }
    return absl::OkStatus();
  } catch (...) {
    return FromCurrentException();
  }
}

}  // namespace budget
