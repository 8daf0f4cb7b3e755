#include "server/app/serve.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/app/descriptors.h"
#include "server/app/door.h"
#include "server/app/exposure.h"
#include "server/app/health_check.h"
#include "server/app/jwt_authority.h"
#include "server/app/log.h"
#include "server/app/lookout.h"
#include "server/app/port_file.h"
#include "server/app/storage.h"
#include "server/app/tls.h"
#include "server/app/upkeep.h"
#include "server/app/watching.h"
#include "server/base/clock.h"
#include "server/lane/denial_log.h"
#include "server/lane/dispatcher.h"
#include "server/lane/periodic.h"
#include "server/rpc/server.h"
#include "server/store/postgres/migrate.h"

namespace budget {
namespace {

constexpr absl::Duration kHealthPause = absl::Milliseconds(500);

void LogSettings(const Config& config) {
  for (absl::string_view line :
       absl::StrSplit(Describe(config), '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(line, absl::MaxSplits(" = ", 1));
    LogInfo("setting", {{pair.first, std::string(pair.second)}});
  }
}

// What is in order on a machine of one's own, and nowhere else.
void WarnOfWhatIsOff(const Config& config) {
  if (!AuthRequired(config)) {
    LogWarning("auth_off",
               {{"address", config.listen},
                {"consequence", "whoever reaches it, a proxy's clients too, may "
                                "do everything"},
                {"remedy", "--auth required"}});
  }
  if (config.seal_interval == absl::ZeroDuration()) {
    LogWarning("sealing_off",
               {{"consequence", "where no other replica seals, nobody sees "
                                "what is changed in the ledger"},
                {"remedy", "--seal-interval 10s"}});
  }
}

DispatcherOptions LaneOptions(const Config& config,
                              const Watching& watching) {
  DispatcherOptions options;
  options.workers = config.workers;
  options.batch_operations_max = config.batch_max;
  options.queue_operations_max = config.queue_max;
  options.queue_wait_max = config.queue_wait_max;
  options.inside_operations_max = config.inside_max;
  options.inside_bytes_max = int64_t{config.inside_mb_max} << 20;
  options.decide.retention = config.retention;
  options.meters = watching.lane();
  options.on_broken = [](absl::string_view root, const absl::Status& why) {
    LogError("root_stopped",
             {{"root", root}, {"error", std::string(why.message())}});
  };
  return options;
}

ConnectionBounds ConnectionBoundsOf(const Config& config) {
  ConnectionBounds bounds;
  bounds.connections_max = ConnectionsThatFit(config.connections_max);
  bounds.per_address_max = config.connections_per_address_max;
  bounds.memory_bytes_max = int64_t{config.memory_mb_max} << 20;
  bounds.unanswered_bytes_total_max =
      std::max(bounds.unanswered_bytes_total_max,
               2 * (int64_t{config.inside_mb_max} << 20));
  bounds.refusal_max = absl::ToChronoSeconds(config.cut_refusal_max);
  if (bounds.connections_max < config.connections_max) {
    LogWarning("too_few_descriptors",
               {{"connections_max", int64_t{config.connections_max}},
                {"connections_that_fit", int64_t{bounds.connections_max}},
                {"remedy", "a higher limit of open files (ulimit -n)"}});
  }
  return bounds;
}

RpcOptions ServiceOptions(const Config& config, absl::string_view version,
                          const ServerTls* tls, Watching& watching) {
  RpcOptions options;
  options.version = std::string(version);
  options.schema_version = KnownSchema();
  options.listen = config.listen;
  if (tls != nullptr) options.credentials = tls->credentials();
  options.connection_age_max = config.connection_age_max;
  options.connection_age_grace = config.connection_age_grace;
  options.connections = ConnectionBoundsOf(config);
  options.on_turned_away = [](const TurnedAway& turned_away) {
    LogRepeating(turned_away.event, {{"address", turned_away.address},
                                     {"why", turned_away.why}});
  };
  options.default_deadline = config.default_deadline;
  options.read_threads = config.read_threads;
  options.read_queue_max = config.read_queue_max;
  options.watch_streams_max = config.watch_streams_max;
  options.meters = watching.rpc();
  options.log = &watching.calls();
  return options;
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
  return JwtAuthority::Open(config, clock);
}

void Drain(const Config& config, RpcServer& server, Dispatcher& dispatcher) {
  server.SetServing(false);
  dispatcher.Drain();
  server.Drain(config.drain_timeout);
}

}  // namespace

absl::Status Serve(const Config& config, absl::string_view version,
                   StopSignal& stop) {
  LogSettings(config);
  WarnOfWhatIsOff(config);
  Clock& clock = SystemClock();
  absl::StatusOr<std::unique_ptr<ServerTls>> tls = OpenTls(config, clock);
  if (!tls.ok()) return tls.status();
  const auto jwt = OpenJwt(config, clock);
  if (!jwt.ok()) return jwt.status();
  absl::StatusOr<std::unique_ptr<Watching>> started = Watching::Start(config);
  if (!started.ok()) return started.status();
  Watching& watching = **started;
  if (*tls != nullptr) {
    watching.ShowCertificate([&] { return (*tls)->certificate_expiry(); });
  }
  absl::StatusOr<Storage> storage = OpenDatabase(config, stop);
  if (!storage.ok()) return storage.status();
  absl::Status status = OpenStore(config, stop, watching.store(), *storage);
  if (!status.ok()) return status;
  Store& store = *storage->store;

  Door door(config, *storage->access, jwt->get(), clock);
  status = door.Open();
  if (!status.ok()) return status;
  RpcOptions options =
      ServiceOptions(config, version, tls->get(), watching);
  options.access = door.access();

  DenialLog denials(store);
  Dispatcher dispatcher(store, clock, &denials, LaneOptions(config, watching));
  const absl::StatusOr<std::unique_ptr<RpcServer>> server =
      RpcServer::Start(store, dispatcher, clock, options);
  if (!server.ok()) return Explain(server.status());
  HealthCheck health({.store = store,
                      .clock = clock,
                      .check_schema = [&] { return CheckSchemaOf(*storage); }},
                     {.server = **server,
                      .readiness = watching.readiness(),
                      .database_up = watching.service().database_up});
  health.Look();
  status = WritePortFile("port-file", config.port_file, (*server)->port());
  if (!status.ok()) return status;
  // Ends last: what it reads may take seconds, for which no drain waits.
  const Lookout lookout(config, store, clock, watching.service());
  {
    const Periodic health_check(kHealthPause, [&] { health.Look(); });
    const Upkeep upkeep(config, {store, clock, dispatcher, denials, stop,
                                 watching.service()});
    LogInfo("listening",
            {{"address", config.listen}, {"port", (*server)->port()}});
    LogInfo("draining", {{"signal", stop.Wait()}});
    stop.ForceOnNext();
    watching.readiness().SetDraining();
  }
  Drain(config, **server, dispatcher);
  LogFailure("denials_not_written", denials.Flush());
  LogInfo("stopped");
  return absl::OkStatus();
}

}  // namespace budget
