#include "deploy/replay/cluster.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "budget/health.h"
#include "deploy/replay/port_file.h"

namespace budget::replay {

absl::StatusOr<Cluster> Cluster::Start(const ClusterOptions& options) {
  Cluster cluster(options);
  cluster.replicas_.resize(options.replicas);
  cluster.endpoints_.resize(options.replicas);
  for (int i = 0; i < options.replicas; ++i) {
    if (absl::Status s = cluster.StartReplica(i, "127.0.0.1:0"); !s.ok()) {
      return s;
    }
  }
  return cluster;
}

Cluster::~Cluster() {
  // The last first: one of the earlier ones runs the database they drain into.
  while (!replicas_.empty()) replicas_.pop_back();
}

absl::Status Cluster::StartReplica(int index, const std::string& listen) {
  const std::string stem =
      absl::StrCat(options_.directory, "/replica-", index + 1);
  const std::string port_file = absl::StrCat(stem, ".port");
  std::filesystem::remove(port_file);
  auto server = ChildProcess::Start(
      {options_.budgetd, "--data-dir", absl::StrCat(options_.directory, "/data"),
       "--listen", listen, "--port-file", port_file,
       "--metrics-listen", "127.0.0.1:0"},
      absl::StrCat(stem, ".log"));
  if (!server.ok()) return server.status();
  replicas_[index] = *std::move(server);
  const auto port = WaitForPort(*replicas_[index], port_file);
  if (!port.ok()) return port.status();
  endpoints_[index] = absl::StrCat("127.0.0.1:", *port);
  return WaitUntilServing(endpoints_[index], kStartTimeout);
}

int Cluster::replicas_running() {
  int running = 0;
  for (auto& replica : replicas_) running += replica && replica->Running();
  return running;
}

void Cluster::KillReplica(int index) { replicas_[index]->Kill(); }

absl::Status Cluster::RestartReplica(int index) {
  return StartReplica(index, endpoints_[index]);
}

}  // namespace budget::replay
