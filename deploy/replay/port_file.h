#ifndef BUDGET_REPLAY_PORT_FILE_H_
#define BUDGET_REPLAY_PORT_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "deploy/replay/child_process.h"

namespace budget::replay {

// How long a server may take to start.
inline constexpr absl::Duration kStartTimeout = absl::Seconds(60);

// The port that `server` writes to `file` once it listens. INTERNAL, with the
// end of its log, if it ends or kStartTimeout passes before.
absl::StatusOr<std::string> WaitForPort(ChildProcess& server,
                                        const std::string& file);

// What is said of a server that did not start.
absl::Status NotStarted(const ChildProcess& server);

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_PORT_FILE_H_
