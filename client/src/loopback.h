#ifndef BUDGET_SRC_LOOPBACK_H_
#define BUDGET_SRC_LOOPBACK_H_

#include "absl/strings/string_view.h"

namespace budget {

// Whether calls to `endpoint`, as gRPC takes it, stay on this machine:
// "localhost:1", "127.0.0.1:1", "[::1]:1", "unix:path", and these with gRPC's
// own prefixes. False where a name decides.
bool IsLoopback(absl::string_view endpoint);

}  // namespace budget

#endif  // BUDGET_SRC_LOOPBACK_H_
