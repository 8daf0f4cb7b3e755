#ifndef BUDGET_REPLAY_CLUSTER_H_
#define BUDGET_REPLAY_CLUSTER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "deploy/replay/child_process.h"

namespace budget::replay {

// How a cluster is started.
struct ClusterOptions {
  std::string budgetd;    // path of the server program
  std::string directory;  // exists; takes the database and the logs
  int replicas = 3;
};

// Several budgetd on one embedded database (the first runs it, and another
// takes over if that one dies), all on loopback ports that the system chose. Everything ends with this object. For one thread.
class Cluster {
 public:
  // Returns when every replica serves. Errors carry the end of the log.
  static absl::StatusOr<Cluster> Start(const ClusterOptions& options);

  Cluster(Cluster&&) = default;
  Cluster& operator=(Cluster&&) = delete;
  ~Cluster();

  // "127.0.0.1:4711" of each replica, in order; one that was killed keeps its
  // address.
  const std::vector<std::string>& endpoints() const { return endpoints_; }
  int replicas_running();

  // Ends a replica as a crash would.
  void KillReplica(int index);
  // Starts a replica again on the address it had, and waits until it serves.
  absl::Status RestartReplica(int index);

 private:
  explicit Cluster(ClusterOptions options) : options_(std::move(options)) {}
  absl::Status StartReplica(int index, const std::string& listen);

  ClusterOptions options_;
  std::vector<std::optional<ChildProcess>> replicas_;
  std::vector<std::string> endpoints_;
};

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_CLUSTER_H_
