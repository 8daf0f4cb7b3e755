#include "tests/bench/servers.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "budget/health.h"
#include "deploy/replay/port_file.h"

namespace budget::bench {

absl::StatusOr<ServerProcess> ServerProcess::Start(
    std::vector<std::string> argv, const std::string& port_file,
    const std::string& log_file) {
  std::filesystem::remove(port_file);
  auto process = replay::ChildProcess::Start(std::move(argv), log_file);
  if (!process.ok()) return process.status();
  const auto port = replay::WaitForPort(*process, port_file);
  if (!port.ok()) return port.status();
  const Target target{.endpoint = absl::StrCat("127.0.0.1:", *port)};
  const absl::Status serving =
      WaitUntilServing(target.endpoint, replay::kStartTimeout, target.security);
  if (!serving.ok()) return replay::NotStarted(*process);
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

absl::StatusOr<ServerProcess> StartNullServer(const ServerPlaces& places) {
  const std::string stem = places.directory + "/null";
  const std::string port_file = stem + ".port";
  return ServerProcess::Start({places.bench, "null-server", "--answers",
                               places.directory, "--port-file", port_file},
                              port_file, stem + ".log");
}

}  // namespace budget::bench
