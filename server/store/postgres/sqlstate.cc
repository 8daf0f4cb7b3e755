#include "server/store/postgres/sqlstate.h"

#include "absl/strings/match.h"

namespace budget::sqlstate {

bool IsConflict(absl::string_view code) { return code == "40001"; }

bool IsDeadlock(absl::string_view code) { return code == "40P01"; }

bool IsLockTimeout(absl::string_view code) {
  return code == "55P03" || code == "57014";
}

bool IsConnectionLost(absl::string_view code) {
  return absl::StartsWith(code, "08") || code == "25006" || code == "25P03" ||
         code == "25P04" || absl::StartsWith(code, "57P");
}

bool IsOutOfResources(absl::string_view code) {
  return absl::StartsWith(code, "53") || absl::StartsWith(code, "58");
}

bool IsNoRoom(absl::string_view code) { return code == "53200"; }

bool IsCompletionUnknown(absl::string_view code) { return code == "40003"; }

bool IsUniqueViolation(absl::string_view code) { return code == "23505"; }

bool IsDuplicateObject(absl::string_view code) {
  return code == "42P06" || code == "42P07" || code == "42710";
}

bool IsNotPermitted(absl::string_view code) {
  return code == kNotPermitted;
}

bool IsUndefinedObject(absl::string_view code) {
  return code == "42P01" || code == "3F000";
}

}  // namespace budget::sqlstate
