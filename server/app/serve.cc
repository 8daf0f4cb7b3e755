#include "server/app/serve.h"

#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/app/jwt_authority.h"
#include "server/app/log.h"
#include "server/app/storage.h"
#include "server/app/tls.h"
#include "server/base/clock.h"
#include "server/lane/denial_log.h"
#include "server/lane/dispatcher.h"
#include "server/lane/periodic.h"
#include "server/lane/sealer.h"
#include "server/lane/sweeper.h"
#include "server/rpc/server.h"

namespace budget {
namespace {

constexpr absl::Duration kHealthPause = absl::Milliseconds(500);
constexpr absl::Duration kDenialFlushPause = absl::Seconds(1);
constexpr absl::Duration kPurgePause = absl::Hours(1);
constexpr int kPurgeRowsMax = 5000;

void LogSettings(const Config& config) {
  for (absl::string_view line :
       absl::StrSplit(Describe(config), '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(line, absl::MaxSplits(" = ", 1));
    LogInfo("setting", {{pair.first, std::string(pair.second)}});
  }
}

DispatcherOptions LaneOptions(const Config& config) {
  DispatcherOptions options;
  options.workers = config.workers;
  options.batch_operations_max = config.batch_max;
  options.queue_operations_max = config.queue_max;
  options.queue_wait_max = config.queue_wait_max;
  options.inside_operations_max = config.inside_max;
  options.inside_bytes_max = int64_t{config.inside_mb_max} << 20;
  options.decide.retention = config.retention;
  return options;
}

RpcOptions ServiceOptions(const Config& config, const ServerTls* tls) {
  RpcOptions options;
  options.listen = config.listen;
  if (tls != nullptr) options.credentials = tls->credentials();
  options.connection_age_max = config.connection_age_max;
  options.connection_age_grace = config.connection_age_grace;
  options.default_deadline = config.default_deadline;
  options.read_threads = config.read_threads;
  options.read_queue_max = config.read_queue_max;
  options.watch_streams_max = config.watch_streams_max;
  return options;
}

void LogFailure(absl::string_view event, const absl::Status& status) {
  if (status.ok()) return;
  LogRepeating(event, {{"error", std::string(status.message())}});
}

void PurgeAll(Store& store, absl::Duration retention) {
  while (true) {
    const absl::StatusOr<int64_t> purged =
        store.PurgeEnded(retention, kPurgeRowsMax);
    LogFailure("purge_failed", purged.status());
    if (!purged.ok() || *purged < kPurgeRowsMax) return;
  }
}

// A root whose ledger has a hole is told of again and again, until it is mended.
void SealLedgers(Store& store, const StopSignal& stop) {
  const absl::StatusOr<SealedRun> run =
      SealAll(store, [&stop] { return stop.Pending(); });
  LogFailure("sealing_failed", run.status());
  if (!run.ok()) return;
  for (const std::string& root : run->broken) {
    LogRepeating("ledger_not_sealed",
                 {{"root", root},
                  {"cause", "its next entry is missing or damaged"},
                  {"remedy", "budgetctl verify " + root}});
  }
}

// Says that the service is served while the database answers, which it does to
// begin with.
class HealthCheck {
 public:
  HealthCheck(Store& store, RpcServer& server)
      : store_(store),
        server_(server),
        periodic_(kHealthPause, [this] { Look(); }) {}

 private:
  void Look() {
    const absl::Status status = store_.Ping();
    server_.SetServing(status.ok());
    if (status.ok() == serving_) return;
    serving_ = status.ok();
    if (serving_) {
      LogInfo("database_reached");
    } else {
      LogWarning("database_lost", {{"error", std::string(status.message())}});
    }
  }

  Store& store_;
  RpcServer& server_;
  bool serving_ = true;
  Periodic periodic_;
};

absl::Status WritePortFile(const Config& config, int port) {
  if (config.port_file.empty()) return absl::OkStatus();
  // Whoever waits for the file finds the whole port in it.
  const std::string partial = config.port_file + ".new";
  std::ofstream(partial) << port << "\n";
  if (rename(partial.c_str(), config.port_file.c_str()) == 0) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "--port-file ", config.port_file, " cannot be written; choose another"));
}

absl::Status Explain(const absl::Status& status) {
  return absl::Status(
      status.code(),
      absl::StrCat(status.message(),
                   "; the port may be in use: choose another with --listen, "
                   "port 0 takes a free one"));
}

// Null: plain text.
absl::StatusOr<std::unique_ptr<ServerTls>> OpenTls(const Config& config,
                                                   const Clock& clock) {
  if (!config.has_tls()) return nullptr;
  return ServerTls::Open(config, clock);
}

// Null: no tokens of issuers.
absl::StatusOr<std::unique_ptr<JwtAuthority>> OpenJwt(const Config& config,
                                                      const Clock& clock) {
  if (config.jwt_keys.empty()) return nullptr;
  LogWarning("tokens_not_required",
             {{"remedy", "no call is checked for a token yet: let only those "
                         "in who may do everything, with --tls-client-auth "
                         "require"}});
  return JwtAuthority::Open(config, clock);
}

void Drain(const Config& config, RpcServer& server, Dispatcher& dispatcher) {
  server.SetServing(false);
  dispatcher.Drain();
  server.Drain(config.drain_timeout);
}

}  // namespace

absl::Status Serve(const Config& config, StopSignal& stop) {
  LogSettings(config);
  Clock& clock = SystemClock();
  absl::StatusOr<std::unique_ptr<ServerTls>> tls = OpenTls(config, clock);
  if (!tls.ok()) return tls.status();
  const auto jwt = OpenJwt(config, clock);
  if (!jwt.ok()) return jwt.status();
  absl::StatusOr<Storage> storage = OpenDatabase(config, stop);
  if (!storage.ok()) return storage.status();
  absl::Status status = OpenStore(config, stop, *storage);
  if (!status.ok()) return status;
  Store& store = *storage->store;

  DenialLog denials(store);
  Dispatcher dispatcher(store, clock, &denials, LaneOptions(config));
  const absl::StatusOr<std::unique_ptr<RpcServer>> server =
      RpcServer::Start(store, dispatcher, clock,
                       ServiceOptions(config, tls->get()));
  if (!server.ok()) return Explain(server.status());
  (*server)->SetServing(true);
  status = WritePortFile(config, (*server)->port());
  if (!status.ok()) return status;
  {
    const HealthCheck health(store, **server);
    const Periodic sweeper(config.sweep_interval, [&] {
      LogFailure("sweep_failed", SweepAll(store, clock, dispatcher));
    });
    const Periodic flusher(kDenialFlushPause, [&] {
      LogFailure("denials_not_written", denials.Flush());
    });
    const Periodic purger(kPurgePause,
                          [&] { PurgeAll(store, config.retention); });
    std::optional<Periodic> sealer;
    if (config.seal_interval > absl::ZeroDuration()) {
      sealer.emplace(config.seal_interval, [&] { SealLedgers(store, stop); });
    }
    LogInfo("listening", {{"address", config.listen},
                          {"port", absl::StrCat((*server)->port())}});
    LogInfo("draining", {{"signal", stop.Wait()}});
    stop.ForceOnNext();
  }
  Drain(config, **server, dispatcher);
  LogFailure("denials_not_written", denials.Flush());
  LogInfo("stopped");
  return absl::OkStatus();
}

}  // namespace budget
