#ifndef BUDGET_APP_PROCESS_H_
#define BUDGET_APP_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace budget {

struct SystemUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

struct ProcessOptions {
  std::vector<std::string> argv;   // argv[0] is an absolute path
  std::optional<SystemUser> user;  // whom to become; nullopt: nobody else
  std::string output_file;         // stdout and stderr are appended to it
  std::string input;               // stdin, up to a few KiB
  int death_signal = 0;            // sent to it when the calling thread ends
};

// Starts a process in a session of its own, in "/", with default signals and
// without the caller's files.
absl::StatusOr<pid_t> Spawn(const ProcessOptions& options);

// Starts a process and waits for its end. FAILED_PRECONDITION, with the end of
// its output, unless it exits with 0.
absl::Status RunToEnd(const ProcessOptions& options);

// Whether the process has ended; reaps it. Only for a child of the caller.
bool HasEnded(pid_t child);

}  // namespace budget

#endif  // BUDGET_APP_PROCESS_H_
