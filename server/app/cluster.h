#ifndef BUDGET_APP_CLUSTER_H_
#define BUDGET_APP_CLUSTER_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/app/data_dir.h"
#include "server/app/postgres_install.h"
#include "server/app/process.h"

namespace budget {

// The name of the database and of its only role.
inline constexpr char kEmbeddedDatabase[] = "budget";

// The major version that made the cluster; 0 if there is none yet.
int ClusterVersion(const DataDir& dir);

// Makes the cluster and its database unless they are there. A half-made one,
// left by a crash, is made anew. Only for the owner of `dir`.
absl::Status MakeCluster(const DataDir& dir, const PostgresInstall& install,
                         const std::optional<SystemUser>& user);

// What pages that the write-ahead log holds in full are compressed with: "lz4",
// at a fraction of the time of "on" (tests/bench/README.md), where PostgreSQL
// is 15 or later and was built with it. Others refuse to start with it, so it
// is asked first. The cluster must be there.
std::string WalCompression(const DataDir& dir, const PostgresInstall& install,
                           const std::optional<SystemUser>& user);

// The command that serves the cluster on a socket in `socket_dir`, durably and
// without TCP.
std::vector<std::string> ServeCommand(const DataDir& dir,
                                      const PostgresInstall& install,
                                      const std::string& socket_dir,
                                      const std::string& wal_compression);

// A PostgreSQL that serves the cluster, as its postmaster.pid says.
struct Postmaster {
  pid_t pid = 0;
  bool ready = false;  // accepts connections
};

// nullopt if none is alive.
std::optional<Postmaster> FindPostmaster(const DataDir& dir);

// Stops a postmaster that has lost its budgetd, and waits for its end.
// UNAVAILABLE if it does not end.
absl::Status StopLeftover(const DataDir& dir, absl::Duration patience);

}  // namespace budget

#endif  // BUDGET_APP_CLUSTER_H_
