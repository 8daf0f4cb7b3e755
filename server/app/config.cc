#include "server/app/config.h"

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <map>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/access/grant.h"
#include "server/app/exposure.h"
#include "server/app/mask_secrets.h"
#include "server/app/settings.h"

namespace budget {
namespace {

std::string Variable(const Setting& setting) {
  return absl::StrCat("BUDGETD_", absl::AsciiStrToUpper(absl::StrReplaceAll(
                                      setting.name, {{"-", "_"}})));
}

absl::Status Wrong(const Setting& setting, const std::string& value,
                   const absl::Status& remedy) {
  return absl::InvalidArgumentError(absl::StrCat(
      "--", setting.name, " (", Variable(setting), ") is \"",
      MaskSecrets(value), "\"; ", remedy.message()));
}

// Whether it is host:port.
bool IsAddress(absl::string_view listen) {
  const size_t colon = listen.rfind(':');
  int port = 0;
  return colon != absl::string_view::npos && colon > 0 &&
         absl::SimpleAtoi(listen.substr(colon + 1), &port) && port >= 0 &&
         port <= 65535;
}

absl::Status CheckMetricsListen(const Config& config) {
  if (config.metrics_listen == kNoListen || IsAddress(config.metrics_listen)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--metrics-listen (BUDGETD_METRICS_LISTEN) is \"", config.metrics_listen,
      "\"; give host:port such as 127.0.0.1:9464, with a port of 0 to 65535, "
      "or none"));
}

absl::Status CheckListen(const Config& config) {
  const absl::string_view listen = config.listen;
  if (absl::StartsWith(listen, "unix:") || IsAddress(listen)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--listen (BUDGETD_LISTEN) is \"", MaskSecrets(listen),
                   "\"; give host:port such as 127.0.0.1:7443, with a port "
                   "of 0 to 65535"));
}

// What a replica takes by itself, and requests within it twice: as they came,
// and as they are worked on. With less, honest clients would be cut.
absl::Status CheckMemory(const Config& config) {
  constexpr int kOwnMb = 96;
  const int64_t needed = kOwnMb + 2 * int64_t{config.inside_mb_max};
  if (config.memory_mb_max >= needed) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--memory-mb-max (BUDGETD_MEMORY_MB_MAX) is ", config.memory_mb_max,
      ", but ", needed, " is needed with --inside-mb-max of ",
      config.inside_mb_max, ": raise the one, or lower the other"));
}

// A flag that only means something beside another one.
struct Need {
  absl::string_view flag;
  bool given;
  absl::string_view needed;
  bool met;
};

absl::Status CheckNeeds(std::initializer_list<Need> needs) {
  for (const Need& need : needs) {
    if (!need.given || need.met) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--", need.flag, " is given without --", need.needed,
                     "; give both or neither"));
  }
  return absl::OkStatus();
}

absl::Status CheckIdentity(const Config& config) {
  const bool asks = config.tls_client_auth != ClientAuth::kNone;
  const bool cert = config.has_tls();
  const bool key = !config.tls_key.empty();
  const bool client_ca = !config.tls_client_ca.empty();
  const bool jwt = !config.jwt_keys.empty();
  const bool issuer = !config.jwt_issuer.empty();
  const bool audience = !config.jwt_audience.empty();
  return CheckNeeds({
      {"tls-cert", cert, "tls-key", key},
      {"tls-key", key, "tls-cert", cert},
      {"tls-client-ca", client_ca, "tls-cert", cert},
      {"tls-client-ca", client_ca, "tls-client-auth=request or require", asks},
      {"tls-client-auth", asks, "tls-client-ca", client_ca},
      {"spiffe-trust-domain", !config.spiffe_trust_domain.empty(),
       "tls-client-auth=request or require", asks},
      {"jwt-keys", jwt, "jwt-issuer", issuer},
      {"jwt-keys", jwt, "jwt-audience", audience},
      {"jwt-issuer", issuer, "jwt-keys", jwt},
      {"jwt-audience", audience, "jwt-keys", jwt},
  });
}

absl::Status ReadUrlFile(Config& config) {
  if (config.database_url_file.empty()) return absl::OkStatus();
  if (!config.database_url.empty()) {
    return absl::InvalidArgumentError(
        "--database-url and --database-url-file are both given; leave one "
        "out");
  }
  std::ifstream file(config.database_url_file);
  std::getline(file, config.database_url);
  absl::StripAsciiWhitespace(&config.database_url);
  if (!config.database_url.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--database-url-file (BUDGETD_DATABASE_URL_FILE) is \"",
                   MaskSecrets(config.database_url_file),
                   "\", which cannot be read or whose first line is empty; "
                   "put the database URL there"));
}

absl::Status CheckUrl(const Config& config) {
  const std::string& url = config.database_url;
  if (url.empty() || absl::StartsWith(url, "postgresql://") ||
      absl::StartsWith(url, "postgres://") || absl::StrContains(url, "=")) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--database-url (BUDGETD_DATABASE_URL) is \"", MaskSecrets(url),
      "\"; give postgresql://user@host/database or "
      "host=... dbname=..."));
}

void ChooseDataDir(Config& config) {
  if (!config.data_dir.empty()) return;
  const char* state = std::getenv("XDG_STATE_HOME");
  config.data_dir = state != nullptr && *state == '/'
                        ? absl::StrCat(state, "/budgetd")
                        : "./budget-data";
}

absl::Status Complete(Config& config) {
  absl::Status status = CheckListen(config);
  if (status.ok()) status = CheckIdentity(config);
  if (status.ok()) status = CheckMetricsListen(config);
  if (status.ok()) status = CheckMemory(config);
  if (status.ok()) status = ReadUrlFile(config);
  if (status.ok()) status = CheckUrl(config);
  ChooseDataDir(config);
  return status;
}

// The words as CLI11 found them, by setting; absent ones were not given.
using Words = std::map<std::string, std::string>;

void Declare(const std::vector<Setting>& settings, CLI::App& app,
             Words& words) {
  for (const Setting& setting : settings) {
    const std::string flag = "--" + setting.name;
    // A callback, so that what was not given stays absent.
    CLI::Option* option =
        setting.is_switch
            ? app.add_flag_function(
                  flag + "{true}",
                  [&words, &setting](int64_t count) {
                    words[setting.name] = count > 0 ? "true" : "false";
                  },
                  setting.help)
            : app.add_option_function<std::string>(
                  flag,
                  [&words, &setting](const std::string& value) {
                    words[setting.name] = value;
                  },
                  setting.help);
    option->envname(Variable(setting))
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    if (!setting.is_switch) {
      option->type_name("");
      option->default_str(setting.show(Config()));
    }
  }
}

// The words of budgetd token create, as they were given.
struct TokenWords {
  std::string principal;
  std::string role;
  std::string subtree;
  std::string ttl;
};

void DeclareTokenCommand(CLI::App& app, Command& command, TokenWords& words) {
  CLI::App* group = app.add_subcommand(
      "token", "Tokens straight in the database: for the first one of all");
  group->require_subcommand(1);
  CLI::App* create = group->add_subcommand(
      "create", "Makes a bearer token, grants its principal a role, and prints "
                "the token: the only time that it is shown");
  create->fallthrough();
  create->callback([&command] { command = Command::kCreateToken; });
  create->add_option("--principal", words.principal,
                     "Whom the token makes its bearer, such as ops")
      ->required();
  create->add_option("--role", words.role, "gateway, viewer, admin or auditor")
      ->required();
  create->add_option("--subtree", words.subtree,
                     "Where: an allocation with all below it, or * for all")
      ->required();
  create->add_option("--ttl", words.ttl,
                     "How long it is good, such as 720h; without: until it is "
                     "revoked");
}

absl::Status WrongWord(absl::string_view flag, const absl::Status& problem) {
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " ", problem.message()));
}

absl::Status ReadTokenOrder(const TokenWords& words, TokenOrder& order) {
  order.principal = words.principal;
  order.subtree = words.subtree;
  const absl::Status principal = CheckTokenPrincipal(words.principal);
  if (!principal.ok()) return WrongWord("--principal", principal);
  const absl::Status subtree = CheckSubtree(words.subtree);
  if (!subtree.ok()) return WrongWord("--subtree", subtree);
  const std::optional<Role> role = RoleFromName(words.role);
  if (!role) {
    return absl::InvalidArgumentError(
        absl::StrCat("--role is \"", words.role,
                     "\"; give gateway, viewer, admin or auditor"));
  }
  order.role = *role;
  if (words.ttl.empty()) return absl::OkStatus();
  if (absl::ParseDuration(words.ttl, &order.ttl.emplace()) &&
      *order.ttl >= absl::Seconds(1)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--ttl is \"", words.ttl,
                   "\"; give a duration such as 720h, 1s or longer"));
}

void DeclareMigrateCommand(CLI::App& app, Command& command) {
  CLI::App* migrate = app.add_subcommand(
      "migrate", "Brings the schema of --database-url up to date");
  CLI::Option* check = migrate->add_flag("--check");
  check->description(
      "Changes nothing, and fails if there is something to migrate");
  migrate->callback([&command, check] {
    command = check->count() > 0 ? Command::kCheckSchema : Command::kMigrate;
  });
}

void ReadCommand(CLI::App& app, Command& command, TokenWords& token) {
  app.add_subcommand("serve", "Serves; what happens without a command");
  DeclareMigrateCommand(app, command);
  app.add_subcommand("config", "Prints the configuration that is in effect")
      ->callback([&command] { command = Command::kConfig; });
  app.add_subcommand("metrics", "Prints the table of metrics, in Markdown")
      ->callback([&command] { command = Command::kMetrics; });
  app.add_subcommand("version", "Prints the version")->callback([&command] {
    command = Command::kVersion;
  });
  DeclareTokenCommand(app, command, token);
  app.require_subcommand(0, 1);
  // Flags may stand before and after the command.
  app.fallthrough();
  for (CLI::App* subcommand : app.get_subcommands({})) {
    subcommand->fallthrough();
  }
}

absl::Status Apply(const std::vector<Setting>& settings, const Words& words,
                   Config& config) {
  for (const Setting& setting : settings) {
    const auto word = words.find(setting.name);
    if (word == words.end()) continue;
    const absl::Status status = setting.set(word->second, config);
    if (!status.ok()) return Wrong(setting, word->second, status);
  }
  return Complete(config);
}

// Or shows what would be served: the other commands open none.
bool OpensPorts(Command command) {
  return command == Command::kServe || command == Command::kConfig;
}

// What CLI11 says may quote words that were meant for something else.
std::string Masked(std::string text, int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    absl::string_view word = argv[i];
    const size_t equals = word.find('=');
    if (absl::StartsWith(word, "--") && equals != absl::string_view::npos) {
      word.remove_prefix(equals + 1);
    }
    if (word.empty()) continue;
    text = absl::StrReplaceAll(text, {{word, MaskSecrets(word)}});
  }
  return text;
}

}  // namespace

Invocation ParseInvocation(int argc, const char* const* argv) {
  Invocation invocation;
  const std::vector<Setting> settings = Settings();
  Words words;
  CLI::App app("budgetd holds the budgets of AI gateways.", "budgetd");
  TokenWords token;
  ReadCommand(app, invocation.command, token);
  Declare(settings, app, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    invocation.exit_code = 0;
    invocation.text = app.help();
    return invocation;
  } catch (const CLI::ParseError& error) {
    invocation.exit_code = 2;
    invocation.text = absl::StrCat(Masked(error.what(), argc, argv),
                                   "; budgetd --help lists what there is");
    return invocation;
  }
  absl::Status status = Apply(settings, words, invocation.config);
  if (status.ok() && OpensPorts(invocation.command)) {
    status = CheckExposure(invocation.config);
  }
  if (status.ok() && invocation.command == Command::kCreateToken) {
    status = ReadTokenOrder(token, invocation.token);
  }
  if (!status.ok()) {
    invocation.exit_code = 2;
    invocation.text = std::string(status.message());
  }
  return invocation;
}

std::string Describe(const Config& config) {
  std::string text;
  for (const Setting& setting : Settings()) {
    absl::StrAppend(&text, setting.name, " = ", setting.show(config), "\n");
  }
  return text;
}

}  // namespace budget
