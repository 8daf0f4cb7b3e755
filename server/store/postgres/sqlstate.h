#ifndef BUDGET_STORE_POSTGRES_SQLSTATE_H_
#define BUDGET_STORE_POSTGRES_SQLSTATE_H_

#include "absl/strings/string_view.h"

namespace budget::sqlstate {

// What the five-character codes of PostgreSQL mean to us. Pure functions.

// Two transactions could not both be; the same again may succeed.
bool IsConflict(absl::string_view code);
bool IsDeadlock(absl::string_view code);

// A lock was not granted in time, or the wait was cancelled.
bool IsLockTimeout(absl::string_view code);

// The connection is of no use any more: lost, the server is going down or
// starting up, or it has become a read-only standby.
bool IsConnectionLost(absl::string_view code);

// There is no room in its shared memory for what it is to remember of the
// transaction: its locks, and what it has read.
bool IsNoRoom(absl::string_view code);

// The server lacks something else: disk, connections, its files.
bool IsOutOfResources(absl::string_view code);

// It is unknown whether the statement took effect.
bool IsCompletionUnknown(absl::string_view code);

// A row with that key is there already.
bool IsUniqueViolation(absl::string_view code);

// What was to be created is there already.
bool IsDuplicateObject(absl::string_view code);

// The role may not do this.
inline constexpr char kNotPermitted[] = "42501";
bool IsNotPermitted(absl::string_view code);

// What was looked for in the schema is not there.
bool IsUndefinedObject(absl::string_view code);

}  // namespace budget::sqlstate

#endif  // BUDGET_STORE_POSTGRES_SQLSTATE_H_
