#include "server/app/serve.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/access/authenticator.h"
#include "server/access/directory.h"
#include "server/app/health_check.h"
#include "server/app/jwt_authority.h"
#include "server/app/log.h"
#include "server/app/port_file.h"
#include "server/app/storage.h"
#include "server/app/tls.h"
#include "server/app/watching.h"
#include "server/base/clock.h"
#include "server/lane/denial_log.h"
#include "server/lane/dispatcher.h"
#include "server/lane/periodic.h"
#include "server/lane/sealer.h"
#include "server/lane/sweeper.h"
#include "server/metrics/survey.h"
#include "server/metrics/verify_walk.h"
#include "server/rpc/server.h"
#include "server/store/postgres/migrate.h"

namespace budget {
namespace {

constexpr absl::Duration kHealthPause = absl::Milliseconds(500);
// How long a change of grants and tokens may go unseen, at most.
constexpr absl::Duration kAccessPause = absl::Seconds(1);
constexpr absl::Duration kDenialFlushPause = absl::Seconds(1);
constexpr absl::Duration kPurgePause = absl::Hours(1);
constexpr absl::Duration kSurveyPause = absl::Seconds(5);
constexpr absl::Duration kWalkPause = absl::Seconds(1);
constexpr int kPurgeRowsMax = 5000;

void LogSettings(const Config& config) {
  for (absl::string_view line :
       absl::StrSplit(Describe(config), '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(line, absl::MaxSplits(" = ", 1));
    LogInfo("setting", {{pair.first, std::string(pair.second)}});
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

RpcOptions ServiceOptions(const Config& config, absl::string_view version,
                          const ServerTls* tls, Watching& watching) {
  RpcOptions options;
  options.version = std::string(version);
  options.schema_version = KnownSchema();
  options.listen = config.listen;
  if (tls != nullptr) options.credentials = tls->credentials();
  options.connection_age_max = config.connection_age_max;
  options.connection_age_grace = config.connection_age_grace;
  options.default_deadline = config.default_deadline;
  options.read_threads = config.read_threads;
  options.read_queue_max = config.read_queue_max;
  options.watch_streams_max = config.watch_streams_max;
  options.meters = watching.rpc();
  options.log = &watching.calls();
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

void LogDrift(absl::string_view root, const VerifyReport& report) {
  LogError("drift", {{"root", root},
                     {"discrepancies", report.discrepancies_total},
                     {"ledger_sequence", report.ledger_sequence}});
  constexpr size_t kShown = 5;
  for (size_t i = 0; i < std::min(kShown, report.discrepancies.size()); ++i) {
    const Discrepancy& found = report.discrepancies[i];
    LogError("discrepancy", {{"root", root},
                             {"subject", found.subject},
                             {"ledger", found.ledger},
                             {"stored", found.stored}});
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

VerifyWalkOptions WalkOptions(const Config& config) {
  VerifyWalkOptions options;
  options.interval = config.verify_interval;
  options.entries_max = config.verify_entries_max;
  options.on_drift = LogDrift;
  absl::BitGen random;
  options.after = std::string(1, absl::Uniform<char>(random, 'a', 'z'));
  return options;
}

// Reads the database now and then for those who watch.
class Lookout {
 public:
  Lookout(const Config& config, Store& store, Clock& clock,
          ServiceMeters& meters)
      : survey_(store, clock, config.holds_interval, meters),
        walk_(store, clock, WalkOptions(config), meters),
        surveyor_(kSurveyPause, [this] { survey_.Look(); }) {
    if (config.verify_interval > absl::ZeroDuration()) {
      walker_.emplace(kWalkPause, [this] { walk_.Step(); });
    }
  }

 private:
  Survey survey_;
  VerifyWalk walk_;
  Periodic surveyor_;
  std::optional<Periodic> walker_;
};

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

// Who may call. Where callers must say who they are, it looks for changes of
// tokens and grants as long as it lives.
class Door {
 public:
  // `jwt` may be null; all others must outlive it.
  Door(const Config& config, AccessStore& store, JwtAuthority* jwt,
       Clock& clock)
      : required_(AuthRequired(config)),
        store_(store),
        directory_(store, clock),
        authenticator_(directory_,
                       {.jwt = jwt == nullptr ? nullptr : &jwt->verifier(),
                        .trust_domain = config.spiffe_trust_domain}) {}

  // Reads who there is. Once.
  absl::Status Open() {
    if (!required_) return absl::OkStatus();
    const absl::Status read = directory_.Refresh();
    if (!read.ok()) return read;
    refresher_.emplace(kAccessPause, [this] {
      LogFailure("access_not_refreshed", directory_.Refresh());
    });
    return absl::OkStatus();
  }

  RpcAccess access() {
    if (!required_) return {.store = &store_};
    return {.store = &store_,
            .directory = &directory_,
            .authenticator = &authenticator_};
  }

 private:
  const bool required_;
  AccessStore& store_;
  Directory directory_;
  const Authenticator authenticator_;
  std::optional<Periodic> refresher_;
};

void Drain(const Config& config, RpcServer& server, Dispatcher& dispatcher) {
  server.SetServing(false);
  dispatcher.Drain();
  server.Drain(config.drain_timeout);
}

}  // namespace

absl::Status Serve(const Config& config, absl::string_view version,
                   StopSignal& stop) {
  LogSettings(config);
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
