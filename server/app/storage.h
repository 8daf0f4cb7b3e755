#ifndef BUDGET_APP_STORAGE_H_
#define BUDGET_APP_STORAGE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/access/access_store.h"
#include "server/app/config.h"
#include "server/app/embedded_postgres.h"
#include "server/app/stop_signal.h"
#include "server/domain/store.h"
#include "server/store/postgres/postgres_store.h"

namespace budget {

// The database as configured: the embedded one, or the one at a URL.
struct Storage {
  std::unique_ptr<EmbeddedPostgres> embedded;  // null with a URL
  std::string uri;
  std::unique_ptr<Store> store;
  std::unique_ptr<AccessStore> access;
};

// Starts the embedded database if that is what is configured.
absl::StatusOr<Storage> OpenDatabase(const Config& config,
                                     const StopSignal& stop);

// Brings the schema up to date. Tries for --database-wait while the database
// is down; CANCELLED if the stop signal comes meanwhile.
absl::Status MigrateStorage(const Config& config, const Storage& storage,
                            StopSignal& stop);

// Migrates, then opens both stores, of which that of the budgets fills in
// `stats`.
absl::Status OpenStore(const Config& config, StopSignal& stop,
                       std::shared_ptr<PostgresStats> stats, Storage& storage);

// Whether the schema is one that this binary knows: FAILED_PRECONDITION if
// not, UNAVAILABLE if that cannot be told.
absl::Status CheckSchemaOf(const Storage& storage);

}  // namespace budget

#endif  // BUDGET_APP_STORAGE_H_
