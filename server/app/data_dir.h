#ifndef BUDGET_APP_DATA_DIR_H_
#define BUDGET_APP_DATA_DIR_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/app/process.h"

namespace budget {

// The directory in which the embedded database lives:
//   budgetd          marks it as ours
//   owner.lock       locked by the budgetd that runs PostgreSQL
//   pg/              the cluster
//   pg.new/          a cluster that is being made, or was when budgetd died
//   socket_dir       where the socket is
//   postgres.log     what PostgreSQL says
class DataDir {
 public:
  // Makes it if needed, for `user` where PostgreSQL runs as another. Refuses,
  // saying what to change, a directory that is someone else's, that holds
  // something else or that `user` cannot reach.
  static absl::StatusOr<DataDir> Open(const std::string& path,
                                      const std::optional<SystemUser>& user);

  const std::string& path() const { return path_; }
  std::string cluster() const { return path_ + "/pg"; }
  std::string new_cluster() const { return path_ + "/pg.new"; }
  std::string log_file() const { return path_ + "/postgres.log"; }

  // The directory of the socket: under the data directory or, where its path
  // would be too long for a socket, a private one of its own. Made by
  // MakeSocketDir, which only the owner calls; NOT_FOUND before.
  absl::StatusOr<std::string> SocketDir() const;
  absl::StatusOr<std::string> MakeSocketDir() const;

  // Makes a directory for PostgreSQL alone.
  absl::Status MakePrivateDir(const std::string& path) const;

  // Locks the directory for the owner, until the file descriptor that it
  // returns is closed. nullopt while another process has it.
  absl::StatusOr<std::optional<int>> TryLock() const;

 private:
  DataDir(std::string path, std::optional<SystemUser> user)
      : path_(std::move(path)), user_(std::move(user)) {}

  absl::Status GiveToUser(const std::string& path) const;
  bool IsPrivateDir(const std::string& path) const;

  std::string path_;
  std::optional<SystemUser> user_;
};

}  // namespace budget

#endif  // BUDGET_APP_DATA_DIR_H_
