#ifndef BUDGET_TESTS_WIRE_UNIX_SOCKET_H_
#define BUDGET_TESTS_WIRE_UNIX_SOCKET_H_

#include <string>

#include "absl/status/statusor.h"

namespace budget::wire {

// File descriptors of Unix sockets at `path`; the caller closes them.
absl::StatusOr<int> ConnectUnix(const std::string& path);
absl::StatusOr<int> ListenUnix(const std::string& path);

}  // namespace budget::wire

#endif  // BUDGET_TESTS_WIRE_UNIX_SOCKET_H_
