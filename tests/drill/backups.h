#ifndef BUDGET_TESTS_DRILL_BACKUPS_H_
#define BUDGET_TESTS_DRILL_BACKUPS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/support/postgres_server.h"

namespace budget::drill {

// A repository of pgBackRest in a directory, and the scripts of deploy/ that
// use it. Used by the main thread.
class Backups {
 public:
  // `directory` has copies of backup and restore.
  Backups(testing::PostgresPlace place, std::string directory);

  // Makes the repository, and lets `database`, which is restarted, archive
  // into it.
  absl::Status Serve(testing::PostgresServer& database);

  absl::Status Backup() const;
  // Waits until all that `database` has written so far is archived.
  absl::Status Flush(const testing::PostgresServer& database) const;
  // Restores what was at `moment` into `successor`, which has room and nothing
  // in it, with every root frozen. The books are verified.
  absl::Status Restore(const std::string& moment,
                       const testing::PostgresServer& successor) const;

 private:
  absl::Status Run(std::vector<std::string> command) const;
  absl::Status WriteConfiguration(const testing::PostgresServer& database) const;
  std::string configuration() const { return directory_ + "/pgbackrest.conf"; }

  const testing::PostgresPlace place_;
  const std::string directory_;
};

}  // namespace budget::drill

#endif  // BUDGET_TESTS_DRILL_BACKUPS_H_
