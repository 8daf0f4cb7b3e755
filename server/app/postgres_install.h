#ifndef BUDGET_APP_POSTGRES_INSTALL_H_
#define BUDGET_APP_POSTGRES_INSTALL_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/app/process.h"

namespace budget {

// PostgreSQL as it is installed on this machine.
struct PostgresInstall {
  std::string bindir;  // with initdb and postgres
  int version = 0;     // major
};

// Finds it: `bindir` if given; otherwise the directories that distributions
// use, what pg_config says, and PATH. Of several, the one of `version`, or the
// newest for 0. NOT_FOUND says what to install.
absl::StatusOr<PostgresInstall> FindPostgres(const std::string& bindir,
                                             int version);

// Whom PostgreSQL runs as, which refuses to run as root: nullopt, meaning the
// user of this process, unless that is root; then `name` if given, or the
// first that exists of "postgres" and "nobody".
absl::StatusOr<std::optional<SystemUser>> PostgresUser(const std::string& name);

}  // namespace budget

#endif  // BUDGET_APP_POSTGRES_INSTALL_H_
