#ifndef BUDGET_TESTS_SUPPORT_POSTGRES_SERVER_H_
#define BUDGET_TESTS_SUPPORT_POSTGRES_SERVER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/app/postgres_install.h"
#include "tests/support/process.h"

namespace budget::testing {

// Where PostgreSQL is and whom it runs as.
struct PostgresPlace {
  PostgresInstall install;
  std::optional<SystemUser> user;

  static absl::StatusOr<PostgresPlace> Find();
};

// A PostgreSQL of the caller's own, durable and on a Unix socket only. Ends
// with this object. Used by the main thread.
class PostgresServer {
 public:
  // Lives in `directory`/`name`, which Make or CopyOf fills.
  PostgresServer(PostgresPlace place, const std::string& directory,
                 const std::string& name);

  // A new cluster with the database "budget".
  absl::Status Make();
  // A standby of `primary`, which runs.
  absl::Status CopyOf(const PostgresServer& primary);

  // Starts it and waits until it can be asked; whatever an earlier one of this
  // cluster has left is waited for.
  absl::Status Start();
  // Ends it as a crash of the whole server would, and waits until it is gone.
  void Crash();
  // Ends it in an orderly way.
  void Stop() { process_.End(SIGINT); }
  // Ends it and deletes what it has stored.
  void Remove();
  // Waits until the standby made by CopyOf streams from here, and is "sync" or
  // "async".
  absl::Status AwaitStandby(const std::string& sync_state) const;
  // Makes a standby a primary and waits until it is one.
  absl::Status Promote();
  // Stops or continues every process of it.
  void SignalAll(int signal);
  bool Running() { return process_.Running(); }

  // Passed to all that are started from now on: "NAME=value" for env(1).
  void SetEnvironment(std::vector<std::string> variables) {
    environment_ = std::move(variables);
  }

  // Runs SQL as the superuser and returns the first field of the last row.
  absl::StatusOr<std::string> Run(const std::string& sql) const;
  // A setting that outlives restarts.
  absl::Status Set(const std::string& name, const std::string& value) const;

  std::string Uri(const std::string& database = "budget") const;
  // Where its socket is: a host as libpq knows it.
  std::string host() const { return socket_dir_; }
  std::string socket() const { return socket_dir_ + "/.s.PGSQL.5432"; }
  std::string log() const { return log_; }
  std::string data() const { return data_; }

 private:
  absl::Status MakeDir(const std::string& path) const;
  absl::Status RunTool(std::vector<std::string> argv,
                       const std::string& input = "") const;
  absl::Status Launch();
  std::vector<std::string> Command() const;

  const PostgresPlace place_;
  const std::string home_;
  const std::string data_;
  const std::string socket_dir_;
  const std::string log_;
  std::vector<std::string> environment_;
  Process process_;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_SUPPORT_POSTGRES_SERVER_H_
