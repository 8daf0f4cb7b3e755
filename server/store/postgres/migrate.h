#ifndef BUDGET_STORE_POSTGRES_MIGRATE_H_
#define BUDGET_STORE_POSTGRES_MIGRATE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace budget {

// Receives a line for each migration that was applied.
using MigrateLog = std::function<void(absl::string_view line)>;

// The version of the newest migration that this binary knows.
int KnownSchema();

// Brings the schema up to what this binary knows, and the privileges of the
// roles of sql/roles.sql, and the triggers of the tables that only grow, to what
// sql/grants.sql says, where there are such roles and this one owns the schema.
// Where nothing is to be done, any role will do that can read. Any number of
// replicas may call it at the same time. UNAVAILABLE if the database cannot be
// reached or lets this role not in, with what it said for the log of the
// operator, FAILED_PRECONDITION if the server is older than PostgreSQL 13 or the
// schema has a breaking migration that this binary does not know,
// PERMISSION_DENIED if something is to be done and the role may not, INTERNAL if
// a migration failed. `log` may be null.
absl::Status Migrate(const std::string& uri, const MigrateLog& log);

// Whether this binary can work on the schema as it is, without changing it:
// statuses as above, and FAILED_PRECONDITION where migrations are pending.
absl::Status CheckSchema(const std::string& uri);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_MIGRATE_H_
