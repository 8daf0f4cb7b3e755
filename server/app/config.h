#ifndef BUDGET_APP_CONFIG_H_
#define BUDGET_APP_CONFIG_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/access/role.h"

namespace budget {

// Whether clients are asked for a certificate, and may go without.
enum class ClientAuth { kNone, kRequest, kRequire };

// Said instead of an address where nothing is to be served.
inline constexpr char kNoListen[] = "none";

// Everything that can be set, with its default. One row of the table in
// settings.cc gives each its flag, its environment variable and its range.
struct Config {
  std::string listen = "127.0.0.1:7443";
  bool insecure_listen_any = false;
  std::string auth = "auto";  // "required" or "off"; AuthRequired resolves it
  std::string tls_cert;  // empty: plain text
  std::string tls_key;
  std::string tls_client_ca;
  ClientAuth tls_client_auth = ClientAuth::kNone;
  std::string spiffe_trust_domain;  // empty: any
  std::string jwt_keys;             // empty: no tokens
  std::string jwt_issuer;
  std::string jwt_audience;
  absl::Duration connection_age_max = absl::Minutes(30);
  absl::Duration connection_age_grace = absl::Minutes(1);
  int connections_max = 4000;
  int connections_per_address_max = 2000;
  int memory_mb_max = 320;
  absl::Duration cut_refusal_max = absl::Seconds(60);
  std::string port_file;
  std::string database_url;  // empty: the embedded database
  std::string database_url_file;
  absl::Duration database_wait = absl::Minutes(1);
  std::string data_dir;  // as given by --data-dir; never empty once parsed
  std::string postgres_bindir;
  std::string postgres_user;
  int workers = 4;
  int batch_max = 512;
  int queue_max = 10'000;
  absl::Duration queue_wait_max = absl::Milliseconds(100);
  int inside_max = 30'000;
  int inside_mb_max = 96;
  int read_threads = 4;
  int read_queue_max = 1000;
  int watch_streams_max = 1000;
  absl::Duration default_deadline = absl::Seconds(5);
  absl::Duration sweep_interval = absl::Milliseconds(500);
  absl::Duration seal_interval = absl::Seconds(10);  // 0: seals nothing
  absl::Duration retention = absl::Hours(24 * 90);
  absl::Duration drain_timeout = absl::Seconds(30);
  std::string metrics_listen = "127.0.0.1:9464";  // or kNoListen
  bool insecure_metrics_listen_any = false;
  std::string metrics_port_file;
  bool metrics_root_labels = false;
  absl::Duration holds_interval = absl::Seconds(30);  // zero: never
  absl::Duration verify_interval = absl::Minutes(1);  // zero: never
  int verify_entries_max = 1'000'000;
  std::string log_level = "info";
  std::string log_format = "auto";
  bool log_calls = false;
  absl::Duration log_slow = absl::Seconds(1);  // zero: no call is slow
  int log_calls_max = 100;

  bool embedded() const { return database_url.empty(); }
  bool has_tls() const { return !tls_cert.empty(); }
};

enum class Command {
  kServe,
  kMigrate,
  kCheckSchema,
  kVersion,
  kConfig,
  kMetrics,
  kCreateToken
};

// What budgetd token create is to make.
struct TokenOrder {
  std::string principal;
  Role role = Role::kAdmin;
  std::string subtree;
  std::optional<absl::Duration> ttl;
};

// What the command line and the environment ask for.
struct Invocation {
  Command command = Command::kServe;
  Config config;
  TokenOrder token;  // kCreateToken
  // Set: print `text` and end with it. 0 for help, 2 for what is wrong.
  int exit_code = -1;
  std::string text;
};

// Reads flags, then BUDGETD_... variables for what flags leave out.
Invocation ParseInvocation(int argc, const char* const* argv);

// One line for each setting, "listen = 127.0.0.1:7443", without secrets.
std::string Describe(const Config& config);

}  // namespace budget

#endif  // BUDGET_APP_CONFIG_H_
