#include "server/app/storage.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/app/log.h"
#include "server/app/mask_secrets.h"
#include "server/store/postgres/migrate.h"
#include "server/store/postgres/postgres_access_store.h"
#include "server/store/postgres/postgres_store.h"

namespace budget {
namespace {

constexpr absl::Duration kTryPause = absl::Milliseconds(500);

std::string NameOf(const Config& config) {
  return config.embedded()
             ? absl::StrCat("the embedded database in ", config.data_dir)
             : MaskSecrets(config.database_url);
}

// Runs `attempt` again while the database is down, up to the configured wait.
absl::Status WhileDown(const Config& config, StopSignal& stop,
                       const std::function<absl::Status()>& attempt) {
  const absl::Time end = absl::Now() + config.database_wait;
  bool told = false;
  while (true) {
    const absl::Status status = attempt();
    if (status.ok()) return status;
    if (!absl::IsUnavailable(status)) {
      return absl::Status(status.code(),
                          absl::StrCat(NameOf(config), ": ", status.message()));
    }
    if (absl::Now() >= end) {
      return absl::UnavailableError(absl::StrCat(
          NameOf(config), " cannot be reached (", status.message(),
          "); start it, or correct --database-url; --database-wait, now ",
          absl::FormatDuration(config.database_wait),
          ", says how long to wait for it"));
    }
    if (!told) {
      LogWarning("waiting_for_database",
                 {{"database", NameOf(config)},
                  {"cause", std::string(status.message())},
                  {"wait", absl::FormatDuration(config.database_wait)}});
      told = true;
    }
    if (stop.WaitFor(std::min(kTryPause, end - absl::Now()))) {
      return absl::CancelledError("stopped while waiting for the database");
    }
  }
}

}  // namespace

absl::StatusOr<Storage> OpenDatabase(const Config& config,
                                     const StopSignal& stop) {
  Storage storage;
  storage.uri = config.database_url;
  if (!config.embedded()) return storage;
  absl::StatusOr<std::unique_ptr<EmbeddedPostgres>> embedded =
      EmbeddedPostgres::Start(
          {.data_dir = config.data_dir,
           .postgres_bindir = config.postgres_bindir,
           .postgres_user = config.postgres_user,
           .cancelled = [&stop] { return stop.Pending(); }});
  if (!embedded.ok()) return embedded.status();
  storage.embedded = *std::move(embedded);
  storage.uri = storage.embedded->Uri();
  return storage;
}

absl::Status MigrateStorage(const Config& config, const Storage& storage,
                            StopSignal& stop) {
  const auto log = [](absl::string_view line) {
    LogInfo("migration", {{"applied", std::string(line)}});
  };
  return WhileDown(config, stop, [&] { return Migrate(storage.uri, log); });
}

absl::Status OpenStore(const Config& config, StopSignal& stop,
                       std::shared_ptr<PostgresStats> stats,
                       Storage& storage) {
  const absl::Status migrated = MigrateStorage(config, storage, stop);
  if (!migrated.ok()) return migrated;
  PostgresOptions options;
  options.uri = storage.uri;
  options.writers = config.workers;
  // And the watcher, the health check, the survey and the walk of verify. Doctor
  // and the runbook count these, those of the access store, and CheckSchema's.
  options.readers = config.read_threads + 4;
  options.stats = std::move(stats);
  options.log = [](absl::string_view line) {
    LogRepeating("database", {{"message", std::string(line)}});
  };
  return WhileDown(config, stop, [&]() -> absl::Status {
    absl::StatusOr<std::unique_ptr<Store>> store = OpenPostgresStore(options);
    if (!store.ok()) return store.status();
    storage.store = *std::move(store);
    storage.access = OpenPostgresAccessStore(options);
    return absl::OkStatus();
  });
}

absl::Status CheckSchemaOf(const Storage& storage) {
  return CheckSchema(storage.uri);
}

}  // namespace budget
