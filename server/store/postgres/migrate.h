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

// Brings the schema up to what this binary knows. Any number of replicas may
// call it at the same time. UNAVAILABLE if the database cannot be reached or
// lets this role not in, with what it said for the log of the operator,
// FAILED_PRECONDITION if the server is older than PostgreSQL 13 or the schema
// has a breaking migration that this binary does not know, PERMISSION_DENIED
// if the role may not create tables, INTERNAL if a migration failed. `log` may
// be null.
absl::Status Migrate(const std::string& uri, const MigrateLog& log);

// Whether this binary can work on the schema as it is, without changing it:
// statuses as above, and FAILED_PRECONDITION where migrations are pending.
absl::Status CheckSchema(const std::string& uri);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_MIGRATE_H_
