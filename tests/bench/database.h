#ifndef BUDGET_TESTS_BENCH_DATABASE_H_
#define BUDGET_TESTS_BENCH_DATABASE_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/app/embedded_postgres.h"

namespace budget::bench {

// A private PostgreSQL with the settings of budgetd's embedded one: durable,
// on a socket only. Ends with this object.
class Database {
 public:
  // Makes it under `directory`, which exists and is open to every user.
  static absl::StatusOr<std::unique_ptr<Database>> Start(
      const std::string& directory);

  // Where the database `name` is.
  std::string Uri(absl::string_view name) const;

  // The socket that it listens on.
  std::string SocketPath() const;

  // Runs SQL and returns the first field of the last row, or "".
  absl::StatusOr<std::string> Run(absl::string_view database,
                                  const std::string& sql) const;

  // Bytes of write-ahead log so far.
  absl::StatusOr<int64_t> WalBytes() const;

  // Bytes that all its processes wrote to disk so far; those that ended since
  // the start are missing. 0 where the system does not tell.
  int64_t DiskBytes() const;

  // How many transactions PostgreSQL ended for a conflict so far, by its own
  // log: serialization failures and deadlocks.
  int64_t Conflicts() const;

 private:
  Database(std::string directory, std::unique_ptr<EmbeddedPostgres> embedded)
      : directory_(std::move(directory)), embedded_(std::move(embedded)) {}

  const std::string directory_;
  const std::unique_ptr<EmbeddedPostgres> embedded_;
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_DATABASE_H_
