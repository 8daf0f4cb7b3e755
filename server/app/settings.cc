#include "server/app/settings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "server/access/peer_identity.h"
#include "server/app/exposure.h"
#include "server/app/mask_secrets.h"

namespace budget {
namespace {

Setting Text(std::string name, std::string Config::*field, std::string help) {
  return {.name = std::move(name),
          .help = std::move(help),
          .set =
              [field](const std::string& value, Config& config) {
                config.*field = value;
                return absl::OkStatus();
              },
          // Whatever was given in the wrong place.
          .show = [field](const Config& config) {
            return MaskSecrets(config.*field);
          }};
}

struct IntRange {
  int min;
  int max;
};

Setting Number(std::string name, int Config::*field, IntRange range,
               std::string help) {
  return {.name = std::move(name),
          .help = absl::StrCat(help, ", ", range.min, " to ", range.max),
          .set = [field, range](const std::string& value,
                                Config& config) -> absl::Status {
            int number = 0;
            if (!absl::SimpleAtoi(value, &number) || number < range.min ||
                number > range.max) {
              return absl::InvalidArgumentError(absl::StrCat(
                  "give a whole number, ", range.min, " to ", range.max));
            }
            config.*field = number;
            return absl::OkStatus();
          },
          .show =
              [field](const Config& config) {
                return absl::StrCat(config.*field);
              }};
}

struct DurationRange {
  absl::Duration min;
  absl::Duration max;
};

Setting Time(std::string name, absl::Duration Config::*field,
             DurationRange range, std::string help) {
  const std::string bounds = absl::StrCat(
      absl::FormatDuration(range.min), " to ", absl::FormatDuration(range.max));
  return {.name = std::move(name),
          .help = absl::StrCat(help, ", ", bounds),
          .set = [field, range, bounds](const std::string& value,
                                        Config& config) -> absl::Status {
            absl::Duration duration;
            if (!absl::ParseDuration(value, &duration) ||
                duration < range.min || duration > range.max) {
              return absl::InvalidArgumentError(absl::StrCat(
                  "give a duration such as 500ms, 10s or 1h30m, ", bounds));
            }
            config.*field = duration;
            return absl::OkStatus();
          },
          .show =
              [field](const Config& config) {
                return absl::FormatDuration(config.*field);
              }};
}

Setting Switch(std::string name, bool Config::*field, std::string help) {
  return {
      .name = std::move(name),
      .help = std::move(help),
      .set = [field](const std::string& value, Config& config) -> absl::Status {
        if (!absl::SimpleAtob(value, &(config.*field))) {
          return absl::InvalidArgumentError("give true or false");
        }
        return absl::OkStatus();
      },
      .show = [field](const Config& config) -> std::string {
        return config.*field ? "true" : "false";
      },
      .is_switch = true};
}

// One of a few words.
Setting Choice(std::string name, std::string Config::*field,
               std::vector<std::string> words, std::string help) {
  const std::string choices = absl::StrJoin(words, ", ");
  Setting setting =
      Text(std::move(name), field, absl::StrCat(help, ": ", choices));
  setting.set = [field, words, choices](const std::string& value,
                                        Config& config) -> absl::Status {
    if (std::find(words.begin(), words.end(), value) == words.end()) {
      return absl::InvalidArgumentError(absl::StrCat("give one of ", choices));
    }
    config.*field = value;
    return absl::OkStatus();
  };
  return setting;
}

Setting Auth() {
  Setting setting = Text("auth", &Config::auth,
                         "Whether callers must say who they are, required or "
                         "off (default: off on a loopback address in plain "
                         "text and without --jwt-keys, required elsewhere)");
  setting.set = [](const std::string& value, Config& config) -> absl::Status {
    if (value != "auto" && value != "required" && value != "off") {
      return absl::InvalidArgumentError("give required, off or auto");
    }
    config.auth = value;
    return absl::OkStatus();
  };
  setting.show = [](const Config& config) -> std::string {
    return AuthRequired(config) ? "required" : "off";
  };
  return setting;
}

constexpr std::pair<absl::string_view, ClientAuth> kClientAuths[] = {
    {"none", ClientAuth::kNone},
    {"request", ClientAuth::kRequest},
    {"require", ClientAuth::kRequire},
};

Setting TlsClientAuth() {
  Setting setting;
  setting.name = "tls-client-auth";
  setting.help =
      "Whether clients show a certificate of --tls-client-ca: none, request "
      "(those without one are let in), require";
  setting.set = [](const std::string& value, Config& config) -> absl::Status {
    for (const auto& [name, auth] : kClientAuths) {
      if (value != name) continue;
      config.tls_client_auth = auth;
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError("give none, request or require");
  };
  setting.show = [](const Config& config) {
    for (const auto& [name, auth] : kClientAuths) {
      if (config.tls_client_auth == auth) return std::string(name);
    }
    return std::string();
  };
  return setting;
}

Setting SpiffeTrustDomain() {
  Setting setting = Text("spiffe-trust-domain", &Config::spiffe_trust_domain,
                         "Of client certificates, only those with a SPIFFE ID "
                         "of this trust domain (default: any)");
  setting.set = [](const std::string& value, Config& config) {
    config.spiffe_trust_domain = value;
    return value.empty() ? absl::OkStatus() : CheckTrustDomain(value);
  };
  return setting;
}

std::vector<Setting> ListeningSettings() {
  using absl::Hours;
  using absl::Seconds;
  return {
      Text("listen", &Config::listen,
           "Address and port to serve on; port 0 takes a free one"),
      Switch("insecure-listen-any", &Config::insecure_listen_any,
             "Allows to serve plain text on an address that is not loopback"),
      Auth(),
      Text("port-file", &Config::port_file,
           "File to write the port to once it is served"),
      Time("connection-age-max", &Config::connection_age_max,
           {Seconds(1), Hours(24)},
           "How long a connection lives, a tenth more or less; a client makes "
           "a new one without losing calls"),
      Time("connection-age-grace", &Config::connection_age_grace,
           {Seconds(0), Hours(1)},
           "How long calls may go on after that, watch streams included"),
      Number("connections-max", &Config::connections_max, {1, 50'000},
             "Connections at a time; more are closed at once"),
      Number("connections-per-address-max",
             &Config::connections_per_address_max, {1, 50'000},
             "Of these, those from one address of IPv4 or one /64 of IPv6"),
      Number("memory-mb-max", &Config::memory_mb_max, {64, 1'000'000},
             "MiB of memory in use above which connections are cut that send "
             "much and get no answer; at least 96 and twice --inside-mb-max"),
      Time("cut-refusal-max", &Config::cut_refusal_max, {Seconds(0), Hours(1)},
           "How long at most an address is refused after a connection of it "
           "was cut; 0s, not at all, where a proxy gives all clients one"),
  };
}

std::vector<Setting> IdentitySettings() {
  return {
      Text("tls-cert", &Config::tls_cert,
           "Certificate chain in PEM, the server's own first: serves TLS. "
           "Read again when it changes"),
      Text("tls-key", &Config::tls_key,
           "Private key of --tls-cert in PEM, without a passphrase"),
      Text("tls-client-ca", &Config::tls_client_ca,
           "Authorities in PEM whose client certificates are accepted"),
      TlsClientAuth(),
      SpiffeTrustDomain(),
      Text("jwt-keys", &Config::jwt_keys,
           "Public keys of whoever issues bearer tokens: a JWK Set or PEM, for "
           "RS256 and ES256. Read again when it changes"),
      Text("jwt-issuer", &Config::jwt_issuer,
           "What the iss of a bearer token must be"),
      Text("jwt-audience", &Config::jwt_audience,
           "What the aud of a bearer token must be or contain"),
  };
}

Setting DatabaseUrl() {
  Setting setting =
      Text("database-url", &Config::database_url,
           "PostgreSQL to use, as a URI or key=value string; without it, "
           "budgetd runs a private one in --data-dir");
  setting.show = [](const Config& config) {
    return config.embedded() ? "(embedded)" : MaskSecrets(config.database_url);
  };
  return setting;
}

std::vector<Setting> DatabaseSettings() {
  using absl::Seconds;
  return {
      DatabaseUrl(),
      Text("database-url-file", &Config::database_url_file,
           "File whose first line is the database URL"),
      Time("database-wait", &Config::database_wait,
           {Seconds(0), absl::Hours(24)},
           "How long to wait at start for a database that is down"),
      Text("data-dir", &Config::data_dir,
           "Where the embedded database lives (default: "
           "$XDG_STATE_HOME/budgetd, otherwise ./budget-data)"),
      Text("postgres-bindir", &Config::postgres_bindir,
           "Programs of the embedded PostgreSQL (default: looked for)"),
      Text("postgres-user", &Config::postgres_user,
           "Whom the embedded PostgreSQL runs as when budgetd runs as root "
           "(default: postgres, otherwise nobody)"),
  };
}

std::vector<Setting> LaneSettings() {
  return {
      Number("workers", &Config::workers, {1, 64},
             "Database transactions at a time"),
      Number("batch-max", &Config::batch_max, {1, 10'000},
             "Operations in one transaction"),
      Number("queue-max", &Config::queue_max, {1, 1'000'000},
             "Operations that may wait in one lane: as many that hold, and as "
             "many that free"),
      Time("queue-wait-max", &Config::queue_wait_max,
           {absl::Milliseconds(1), absl::Seconds(60)},
           "How long a hold may be expected to wait in its lane, unless for the "
           "next transaction"),
      Number("inside-max", &Config::inside_max, {1, 10'000'000},
             "Operations in the server that are not answered yet: as many that "
             "hold, and as many that free"),
      Number("inside-mb-max", &Config::inside_mb_max, {1, 1'000'000},
             "MiB of requests in the server that are not answered yet, "
             "likewise"),
  };
}

std::vector<Setting> WatchSettings() {
  using absl::Seconds;
  return {
      Text("metrics-listen", &Config::metrics_listen,
           "Address and port of /metrics, /healthz and /readyz, in plain text; "
           "port 0 takes a free one, none does without"),
      Switch("insecure-metrics-listen-any",
             &Config::insecure_metrics_listen_any,
             "Allows that to be an address that is not loopback; "
             "--insecure-listen-any does too"),
      Text("metrics-port-file", &Config::metrics_port_file,
           "File to write that port to once it is served"),
      Switch("metrics-root-labels", &Config::metrics_root_labels,
             "Counts decisions by root too, which shows names of tenants to "
             "whoever reads the metrics"),
      Time("holds-interval", &Config::holds_interval,
           {Seconds(0), absl::Hours(24)},
           "How often open holds are counted for the metrics at most; 0s: "
           "never"),
      Time("verify-interval", &Config::verify_interval,
           {Seconds(0), absl::Hours(24)},
           "Pause between two roots whose counters are compared with their "
           "ledger; 0s: none is"),
      Number("verify-entries-max", &Config::verify_entries_max,
             {1, 1'000'000'000},
             "Length of the ledger of a root that is still compared so"),
      Choice("log-level", &Config::log_level,
             {"debug", "info", "warning", "error"},
             "Least level that is logged"),
      Choice("log-format", &Config::log_format, {"auto", "json", "text"},
             "Form of log lines; auto is text on a terminal, JSON elsewhere"),
      Switch("log-calls", &Config::log_calls,
             "Logs calls that were answered OK and denials too"),
      Time("log-slow", &Config::log_slow, {Seconds(0), absl::Hours(1)},
           "How long a call takes that is logged as slow; 0s: none is"),
      Number("log-calls-max", &Config::log_calls_max, {0, 100'000},
             "Lines about calls in one second"),
  };
}

}  // namespace

std::vector<Setting> Settings() {
  using absl::Milliseconds;
  using absl::Seconds;
  const std::vector<Setting> rest = {
      Number("read-threads", &Config::read_threads, {1, 64}, "Reads at a time"),
      Number("read-queue-max", &Config::read_queue_max, {1, 1'000'000},
             "Reads that may wait"),
      Number("watch-streams-max", &Config::watch_streams_max, {0, 100'000},
             "WatchRemaining streams at a time"),
      Time("default-deadline", &Config::default_deadline,
           {Milliseconds(10), Seconds(60)}, "Deadline of calls without one"),
      Time("sweep-interval", &Config::sweep_interval,
           {Milliseconds(50), Seconds(60)},
           "Pause between sweeps of expired reservations"),
      Time("seal-interval", &Config::seal_interval,
           {Seconds(0), absl::Hours(1)},
           "Pause between runs that seal new ledger entries into the hash "
           "chain, 0 for never"),
      Time("retention", &Config::retention,
           {absl::Hours(24), absl::Hours(24 * 3660)},
           "How long ended reservations are kept, equal on all replicas"),
      Time("drain-timeout", &Config::drain_timeout, {Seconds(0), Seconds(600)},
           "How long calls may take to finish after SIGTERM"),
  };
  std::vector<Setting> settings;
  for (const auto& group :
       {ListeningSettings(), IdentitySettings(), DatabaseSettings(),
        LaneSettings(), rest, WatchSettings()}) {
    settings.insert(settings.end(), group.begin(), group.end());
  }
  return settings;
}

}  // namespace budget
