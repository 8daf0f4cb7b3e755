#include "tests/support/postgres_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <pqxx/pqxx>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace budget::testing {
namespace {

constexpr absl::Duration kStartPatience = absl::Minutes(1);
constexpr absl::Duration kStandbyPatience = absl::Seconds(30);

// As budgetd's own, but for the room for predicate locks, which is small so
// that one long reader can fill it, and a log that says to whom it was said.
constexpr const char* kSettings[] = {
    "listen_addresses=", "port=5432", "fsync=on", "synchronous_commit=on",
    "full_page_writes=on", "wal_compression=on", "max_wal_size=512MB",
    "max_connections=150", "shared_buffers=128MB",
    "max_pred_locks_per_transaction=10", "max_pred_locks_per_relation=20000",
    "max_pred_locks_per_page=64", "max_parallel_workers_per_gather=0",
    "jit=off", "autovacuum_vacuum_scale_factor=0.05", "logging_collector=off",
    "log_checkpoints=off", "log_min_messages=warning",
    "log_line_prefix=%m [%p] %a ", "wal_level=replica",
    "hot_standby=on", "max_wal_senders=5", "wal_keep_size=256MB",
    "restart_after_crash=on", "wal_receiver_status_interval=1s",
    "wal_retrieve_retry_interval=200ms"};

// The processes that PostgreSQL's first one has started.
std::vector<pid_t> ChildrenOf(pid_t parent) {
  std::ifstream file(
      absl::StrCat("/proc/", parent, "/task/", parent, "/children"));
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  std::vector<pid_t> children;
  for (absl::string_view word :
       absl::StrSplit(text, ' ', absl::SkipWhitespace())) {
    pid_t child = 0;
    if (absl::SimpleAtoi(word, &child)) children.push_back(child);
  }
  return children;
}

}  // namespace

absl::StatusOr<PostgresPlace> PostgresPlace::Find() {
  auto install = FindPostgres("", 0);
  if (!install.ok()) return install.status();
  auto user = PostgresUser("");
  if (!user.ok()) return user.status();
  return PostgresPlace{*std::move(install), *std::move(user)};
}

PostgresServer::PostgresServer(PostgresPlace place,
                               const std::string& directory,
                               const std::string& name)
    : place_(std::move(place)),
      home_(absl::StrCat(directory, "/", name)),
      data_(home_ + "/data"),
      socket_dir_(home_ + "/socket"),
      log_(absl::StrCat(directory, "/", name, ".log")) {}

absl::Status PostgresServer::MakeDir(const std::string& path) const {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error || chmod(path.c_str(), 0700) != 0 ||
      (place_.user &&
       chown(path.c_str(), place_.user->uid, place_.user->gid) != 0)) {
    return absl::InternalError("cannot make " + path);
  }
  return absl::OkStatus();
}

absl::Status PostgresServer::RunTool(std::vector<std::string> argv,
                                     const std::string& input) const {
  argv[0] = place_.install.bindir + "/" + argv[0];
  return RunToEnd({.argv = std::move(argv),
                   .user = place_.user,
                   .output_file = log_,
                   .input = input});
}

absl::Status PostgresServer::MakeRoom() const {
  for (const std::string& path : {home_, data_, socket_dir_}) {
    if (absl::Status made = MakeDir(path); !made.ok()) return made;
  }
  return absl::OkStatus();
}

absl::Status PostgresServer::Make() {
  absl::Status status = MakeRoom();
  if (!status.ok()) return status;
  status = RunTool({"initdb", "-D", data_, "-U", "budget", "--encoding=UTF8",
                    "--locale=C", "--data-checksums", "--auth=trust",
                    "--no-instructions", "--no-sync"});
  if (status.ok()) {
    status = RunTool({"postgres", "--single", "-j", "-D", data_, "postgres"},
                     "CREATE DATABASE budget;\n\n");
  }
  return status;
}

absl::Status PostgresServer::CopyOf(const PostgresServer& primary) {
  if (absl::Status made = MakeRoom(); !made.ok()) return made;
  return RunTool({"pg_basebackup", "-D", data_, "-R", "-X", "stream", "-c",
                  "fast", "--no-sync", "-d",
                  absl::StrCat("host=", primary.socket_dir_,
                               " user=budget application_name=standby")});
}

std::vector<std::string> PostgresServer::Command() const {
  std::vector<std::string> command;
  if (!environment_.empty()) {
    command.push_back("/usr/bin/env");
    command.insert(command.end(), environment_.begin(), environment_.end());
  }
  command.insert(command.end(),
                 {place_.install.bindir + "/postgres", "-D", data_, "-c",
                  absl::StrCat("unix_socket_directories=", socket_dir_)});
  for (const char* setting : kSettings) {
    command.push_back("-c");
    command.push_back(setting);
  }
  return command;
}

absl::Status PostgresServer::Launch() {
  auto process = Process::Start({.argv = Command(),
                                 .user = place_.user,
                                 .output_file = log_,
                                 .death_signal = SIGQUIT});
  if (!process.ok()) return process.status();
  process_ = *std::move(process);
  return absl::OkStatus();
}

// One that follows a crash at once may find the last backends of the old one
// still there, and ends.
absl::Status PostgresServer::Start() {
  absl::Status launched;
  const bool ready = Within(kStartPatience, [&] {
    if (!process_.Running()) launched = Launch();
    return !launched.ok() || Run("SELECT 1").ok();
  });
  if (!launched.ok()) return launched;
  if (ready) return absl::OkStatus();
  return absl::UnavailableError("PostgreSQL does not start; see " + log_);
}

absl::Status PostgresServer::AwaitStandby(
    const std::string& sync_state) const {
  const bool follows = Within(kStandbyPatience, [&] {
    const auto state = Run(
        "SELECT sync_state FROM pg_stat_replication "
        "WHERE application_name = 'standby' AND state = 'streaming'");
    return state.ok() && *state == sync_state;
  });
  if (follows) return absl::OkStatus();
  return absl::UnavailableError("the standby does not follow; see " + log_);
}

// Asked again where recovery was in the way of the question.
absl::Status PostgresServer::Promote() {
  const bool promoted = Within(kStandbyPatience, [&] {
    const auto recovering = Run("SELECT pg_is_in_recovery()");
    if (!recovering.ok() || *recovering == "f") return recovering.ok();
    (void)Run("SELECT pg_promote(false)");
    return false;
  });
  if (promoted) return absl::OkStatus();
  return absl::UnavailableError("not promoted; see " + log_);
}

void PostgresServer::SignalAll(int signal) {
  if (!process_.Running()) return;
  // Parents first, so that none can be started in between.
  process_.Signal(signal);
  for (pid_t child : ChildrenOf(process_.pid())) kill(child, signal);
}

void PostgresServer::Crash() {
  if (!process_.Running()) return;
  const std::vector<pid_t> children = ChildrenOf(process_.pid());
  process_.End(SIGKILL);
  for (pid_t child : children) kill(child, SIGKILL);
}

void PostgresServer::Remove() {
  Crash();
  std::error_code ignored;
  std::filesystem::remove_all(data_, ignored);
}

absl::StatusOr<std::string> PostgresServer::Run(const std::string& sql) const {
  try {
    pqxx::connection connection(
        Uri() + "&connect_timeout=2&application_name=test");
    pqxx::nontransaction transaction(connection);
    const pqxx::result rows = transaction.exec(sql);
    if (rows.empty() || rows.columns() == 0) return "";
    const auto row = rows[rows.size() - 1];
    return row[0].is_null() ? "" : row[0].c_str();
  } catch (const std::exception& error) {
    return absl::UnavailableError(error.what());
  }
}

absl::Status PostgresServer::Set(const std::string& name,
                                 const std::string& value) const {
  const auto set =
      Run(absl::StrCat("ALTER SYSTEM SET ", name, " = '", value, "'"));
  if (!set.ok()) return set.status();
  return Run("SELECT pg_reload_conf()").status();
}

std::string PostgresServer::Uri(const std::string& database) const {
  return absl::StrCat("postgresql:///", database, "?host=", socket_dir_,
                      "&user=budget");
}

}  // namespace budget::testing
