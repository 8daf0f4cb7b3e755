#ifndef BUDGET_TESTS_BENCH_SERVERS_H_
#define BUDGET_TESTS_BENCH_SERVERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "deploy/replay/child_process.h"
#include "tests/bench/targets.h"

namespace budget::bench {

// A server process on a free loopback port; ends with this object. Started
// and owned by the main thread.
class ServerProcess {
 public:
  // Runs `argv`, which must write its port to `port_file`, and waits until it
  // serves. Errors carry the end of its log.
  static absl::StatusOr<ServerProcess> Start(std::vector<std::string> argv,
                                             const std::string& port_file,
                                             const std::string& log_file);

  const Target& target() const { return target_; }
  pid_t pid() const { return process_.pid(); }

 private:
  ServerProcess(replay::ChildProcess process, Target target)
      : process_(std::move(process)), target_(std::move(target)) {}

  replay::ChildProcess process_;
  Target target_;
};

// Where the servers of a run are found and leave their files.
struct ServerPlaces {
  std::string budgetd;    // the program
  std::string bench;      // this program
  std::string directory;  // for logs and ports
};

// `count` replicas of budgetd on the database at `uri`.
absl::StatusOr<std::vector<ServerProcess>> StartReplicas(
    const ServerPlaces& places, const std::string& uri, int count);

// A null server that gives the answers in `places.directory`.
absl::StatusOr<ServerProcess> StartNullServer(const ServerPlaces& places);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_SERVERS_H_
