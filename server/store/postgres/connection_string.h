#ifndef BUDGET_STORE_POSTGRES_CONNECTION_STRING_H_
#define BUDGET_STORE_POSTGRES_CONNECTION_STRING_H_

#include <string>

#include "absl/status/statusor.h"

namespace budget {

// `uri`, a URI or key=value string of libpq with one host or several, as a
// key=value string that also says what `uri` leaves open: only a server that
// takes writes will do, and one that has vanished holds nobody up for long.
// INVALID_ARGUMENT, without parts of `uri`, says what to change in it.
absl::StatusOr<std::string> CompleteConnectionString(const std::string& uri);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_CONNECTION_STRING_H_
