#ifndef BUDGET_TESTS_CHAOS_REPLICA_H_
#define BUDGET_TESTS_CHAOS_REPLICA_H_

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/support/process.h"
#include "tests/wire/proxy.h"

namespace budget::chaos {

using testing::Process;
using testing::Within;

// How one of the processes of a replica ended.
struct ReplicaEnd {
  int signal = 0;  // that it was sent; 0: it ended by itself
  std::optional<int> wait_status;
};

// One budgetd with a proxy of its own before its port, and one before each of
// the two hosts that its URL names: the database, and who may succeed it. Where
// there is nobody, connections are refused. Used by the main thread.
class Replica {
 public:
  // Starts the proxy of the database only. `stem` begins the paths of files.
  static absl::StatusOr<Replica> Make(std::string budgetd, std::string stem,
                                      const std::string& database_socket);

  // Starts budgetd, on the port it had before if there was one, and waits until
  // it serves.
  absl::Status Start();
  // The same, but does not wait until it serves. Its port is known by then.
  absl::Status Launch();
  void Kill() { End(SIGKILL); }
  // Asks it to drain, and waits until it is gone: who does not go within twenty
  // seconds is killed.
  void Stop() { End(SIGTERM); }
  void Signal(int signal) { process_.Signal(signal); }
  bool Running() { return process_.Running(); }

  // Which program is started from now on.
  void SetProgram(std::string budgetd) { budgetd_ = std::move(budgetd); }
  // Passed to those that are started from now on: "NAME=value" for env(1).
  void SetEnvironment(std::vector<std::string> variables) {
    environment_ = std::move(variables);
  }

  // The other host is the server with this socket.
  absl::Status Introduce(const std::string& socket);
  // The database is gone with its machine.
  void LoseDatabase() { hosts_[database_].reset(); }
  // The other host, which is introduced if it was not, is the database.
  absl::Status MoveTo(const std::string& socket);

  // Between it and the database.
  wire::Proxy& proxy() { return *hosts_[database_]; }
  // Between clients and it, once it was started.
  wire::Proxy& door() { return *door_; }
  std::string log() const { return stem_ + ".log"; }
  // Of all its processes that have ended.
  const std::vector<ReplicaEnd>& ends() const { return ends_; }
  // Where clients find it: the door.
  const std::string& endpoint() const { return door_->address(); }

 private:
  Replica(std::string budgetd, std::string stem)
      : budgetd_(std::move(budgetd)), stem_(std::move(stem)) {}
  void End(int signal);
  std::string DirectoryOf(int host) const;
  std::vector<std::string> Command() const;
  absl::Status WaitForPort();
  absl::Status OpenDoor();

  std::string budgetd_;
  std::string stem_;
  std::array<std::unique_ptr<wire::Proxy>, 2> hosts_;  // in the URL's order
  int database_ = 1;                                   // which of them it is
  std::unique_ptr<wire::Proxy> door_;
  std::string listen_ = "127.0.0.1:0";
  std::vector<std::string> environment_;
  bool started_ = false;
  Process process_;
  std::vector<ReplicaEnd> ends_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_REPLICA_H_
