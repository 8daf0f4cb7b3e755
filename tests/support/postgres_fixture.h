#ifndef BUDGET_TESTS_SUPPORT_POSTGRES_FIXTURE_H_
#define BUDGET_TESTS_SUPPORT_POSTGRES_FIXTURE_H_

#include <memory>
#include <string>

namespace budget::testing {

// A PostgreSQL cluster of this test process alone: started at the first call,
// on a Unix socket in a directory of its own, and stopped and removed when the
// process ends, however it ends. Every call aborts the process if it cannot be
// had. Thread-safe.

// The URI of a database of its own with the schema at head.
std::string FreshDatabase();

// The URI of a database of its own that is empty.
std::string EmptyDatabase();

// The URI of a database of its own with the schema at head and the roles of
// sql/roles.sql in it.
std::string FreshDatabaseWithRoles();

// Makes the roles of sql/roles.sql in a database, and for each of them a user
// that is a member of it.
void MakeRoles(const std::string& uri);

// `uri` for the user who is a member of `role`, such as "budget_service".
std::string AsMemberOf(const std::string& role, std::string uri);

// Runs SQL as the superuser and returns the first field of the last row, or
// "". Aborts on an error.
std::string RunSql(const std::string& uri, const std::string& sql);

// Runs SQL as whoever `uri` says and returns the SQLSTATE of its error, or "".
std::string ErrorOfSql(const std::string& uri, const std::string& sql);

// Runs SQL in a transaction that stays open, with its locks, until the last
// copy of what is returned is gone; then it is rolled back.
std::shared_ptr<void> KeepOpen(const std::string& uri, const std::string& sql);

// Ends all connections of the database but the one that this makes.
void KillConnections(const std::string& uri);

// The output of a command of the cluster's PostgreSQL, such as pg_dump.
std::string RunTool(const std::string& tool, const std::string& arguments);

}  // namespace budget::testing

#endif  // BUDGET_TESTS_SUPPORT_POSTGRES_FIXTURE_H_
