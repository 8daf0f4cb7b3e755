#include "tests/bench/servers.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "budget/health.h"

namespace budget::bench {
namespace {

constexpr absl::Duration kStartTimeout = absl::Seconds(60);
constexpr absl::Duration kPollInterval = absl::Milliseconds(5);

// Empty until the whole line is there.
std::string PortIn(const std::string& file) {
  std::ifstream input(file);
  std::string port;
  return std::getline(input, port) && !input.eof() ? port : "";
}

absl::Status NotStarted(const std::string& program,
                        const replay::ChildProcess& process) {
  return absl::InternalError(
      absl::StrCat(program, " did not start; the end of its log:\n",
                   process.LogTail()));
}

}  // namespace

absl::StatusOr<ServerProcess> ServerProcess::Start(
    std::vector<std::string> argv, const std::string& port_file,
    const std::string& log_file) {
  std::filesystem::remove(port_file);
  const std::string program = argv[0];
  auto process = replay::ChildProcess::Start(std::move(argv), log_file);
  if (!process.ok()) return process.status();
  const absl::Time deadline = absl::Now() + kStartTimeout;
  std::string port;
  while ((port = PortIn(port_file)).empty()) {
    if (!process->Running() || absl::Now() > deadline) {
      return NotStarted(program, *process);
    }
    absl::SleepFor(kPollInterval);
  }
  const Target target{.endpoint = absl::StrCat("127.0.0.1:", port)};
  const absl::Status serving =
      WaitUntilServing(target.endpoint, kStartTimeout, target.credentials);
  if (!serving.ok()) return NotStarted(program, *process);
  return ServerProcess(*std::move(process), target);
}

absl::StatusOr<std::vector<ServerProcess>> StartReplicas(
    const ServerPlaces& places, const std::string& uri, int count) {
  std::vector<ServerProcess> replicas;
  for (int i = 0; i < count; ++i) {
    const std::string stem = absl::StrCat(places.directory, "/replica-", i + 1);
    const std::string port_file = absl::StrCat(stem, ".port");
    auto replica = ServerProcess::Start(
        {places.budgetd, "--listen=127.0.0.1:0", "--port-file=" + port_file,
         "--database-url=" + uri, "--log-level=warning"},
        port_file, absl::StrCat(stem, ".log"));
    if (!replica.ok()) return replica.status();
    replicas.push_back(*std::move(replica));
  }
  return replicas;
}

absl::StatusOr<ServerProcess> StartNullServer(NullKind kind,
                                              const ServerPlaces& places) {
  const bool messages = kind == NullKind::kMessages;
  const std::string stem =
      places.directory + (messages ? "/null_messages" : "/null");
  const std::string port_file = stem + ".port";
  std::vector<std::string> command = {
      places.bench,     "null-server",   "--answers",
      places.directory, "--port-file", port_file};
  if (messages) command.push_back("--messages");
  return ServerProcess::Start(command, port_file, stem + ".log");
}

}  // namespace budget::bench
