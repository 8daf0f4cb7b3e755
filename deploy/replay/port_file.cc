#include "deploy/replay/port_file.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace budget::replay {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(5);

// Empty until the whole line is there.
std::string PortIn(const std::string& file) {
  std::ifstream input(file);
  std::string port;
  return std::getline(input, port) && !input.eof() ? port : "";
}

}  // namespace

absl::StatusOr<std::string> WaitForPort(ChildProcess& server,
                                        const std::string& file) {
  const absl::Time deadline = absl::Now() + kStartTimeout;
  while (server.Running() && absl::Now() < deadline) {
    if (std::string port = PortIn(file); !port.empty()) return port;
    absl::SleepFor(kPollInterval);
  }
  return NotStarted(server);
}

absl::Status NotStarted(const ChildProcess& server) {
  return absl::InternalError(absl::StrCat(
      "a server did not start; the end of its log:\n", server.LogTail()));
}

}  // namespace budget::replay
