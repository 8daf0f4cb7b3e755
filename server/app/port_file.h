#ifndef BUDGET_APP_PORT_FILE_H_
#define BUDGET_APP_PORT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace budget {

// Writes a port to the file at `path`, for who waits for it; nothing if `path`
// is empty. FAILED_PRECONDITION, naming `flag`, if it cannot.
absl::Status WritePortFile(absl::string_view flag, const std::string& path,
                           int port);

}  // namespace budget

#endif  // BUDGET_APP_PORT_FILE_H_
