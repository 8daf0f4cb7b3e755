#include "server/app/cluster.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace budget {
namespace {

namespace fs = std::filesystem;

constexpr int kStatusLine = 7;  // of postmaster.pid, counted from 0

// What the embedded cluster is run with, whatever its own file says.
constexpr const char* kSettings[] = {
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "max_wal_size=2GB",
    "max_connections=200",
    "shared_buffers=256MB",
    // Serializable transactions watch rows, not whole pages or tables: else a
    // batch of a few hundred rows conflicts with every other lane.
    "max_pred_locks_per_transaction=1024",
    "max_pred_locks_per_relation=20000",
    "max_pred_locks_per_page=64",
    "max_parallel_workers_per_gather=0",
    "jit=off",
    "autovacuum_vacuum_scale_factor=0.05",
    "logging_collector=off",
    "log_checkpoints=off",
    "log_min_messages=warning",
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

// Whether the process is a PostgreSQL server of that cluster: its number may
// have gone to another process since.
bool Serves(pid_t pid, const std::string& cluster) {
  const std::string command = ReadFile(absl::StrCat("/proc/", pid, "/cmdline"));
  const std::vector<std::string> arguments = absl::StrSplit(command, '\0');
  if (arguments[0].find("postgres") == std::string::npos) return false;
  for (const std::string& argument : arguments) {
    if (argument == cluster) return true;
  }
  return false;
}

absl::Status RunInitdb(const DataDir& dir, const PostgresInstall& install,
                       const std::optional<SystemUser>& user) {
  return RunToEnd(
      {.argv = {install.bindir + "/initdb", "-D", dir.new_cluster(), "-U",
                kEmbeddedDatabase, "--encoding=UTF8", "--locale=C",
                "--data-checksums", "--auth-local=trust", "--auth-host=reject",
                "--no-instructions"},
       .user = user,
       .output_file = dir.log_file()});
}

absl::Status CreateDatabase(const DataDir& dir, const PostgresInstall& install,
                            const std::optional<SystemUser>& user) {
  return RunToEnd(
      {.argv = {install.bindir + "/postgres", "--single", "-j", "-D",
                dir.new_cluster(), "postgres"},
       .user = user,
       .output_file = dir.log_file(),
       .input = absl::StrCat("CREATE DATABASE ", kEmbeddedDatabase, ";\n\n")});
}

bool WaitForEnd(const DataDir& dir, pid_t pid, absl::Duration patience) {
  const absl::Time end = absl::Now() + patience;
  while (Serves(pid, dir.cluster())) {
    if (absl::Now() >= end) return false;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return true;
}

}  // namespace

int ClusterVersion(const DataDir& dir) {
  int version = 0;
  const std::string text = ReadFile(dir.cluster() + "/PG_VERSION");
  return absl::SimpleAtoi(text, &version) ? version : 0;
}

absl::Status MakeCluster(const DataDir& dir, const PostgresInstall& install,
                         const std::optional<SystemUser>& user) {
  if (ClusterVersion(dir) != 0) return absl::OkStatus();
  std::error_code error;
  fs::remove_all(dir.new_cluster(), error);
  absl::Status status = dir.MakePrivateDir(dir.new_cluster());
  if (status.ok()) status = RunInitdb(dir, install, user);
  if (status.ok()) status = CreateDatabase(dir, install, user);
  if (!status.ok()) return status;
  // It appears whole or not at all.
  if (rename(dir.new_cluster().c_str(), dir.cluster().c_str()) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make ", dir.cluster(), ": ", strerror(errno)));
  }
  sync();
  return absl::OkStatus();
}

std::string WalCompression(const DataDir& dir, const PostgresInstall& install,
                           const std::optional<SystemUser>& user) {
  // It refuses to name a setting whose value it does not know.
  const absl::Status known =
      RunToEnd({.argv = {install.bindir + "/postgres", "-D", dir.cluster(),
                         "-c", "wal_compression=lz4", "-C", "wal_compression"},
                .user = user,
                .output_file = "/dev/null"});
  return known.ok() ? "lz4" : "on";
}

std::vector<std::string> ServeCommand(const DataDir& dir,
                                      const PostgresInstall& install,
                                      const std::string& socket_dir,
                                      const std::string& wal_compression) {
  std::vector<std::string> command = {install.bindir + "/postgres", "-D",
                                      dir.cluster()};
  for (const char* setting : kSettings) {
    command.push_back("-c");
    command.push_back(setting);
  }
  for (const std::string& setting :
       {absl::StrCat("wal_compression=", wal_compression),
        absl::StrCat("unix_socket_directories=\"", socket_dir, "\"")}) {
    command.push_back("-c");
    command.push_back(setting);
  }
  return command;
}

std::optional<Postmaster> FindPostmaster(const DataDir& dir) {
  const std::string text = ReadFile(dir.cluster() + "/postmaster.pid");
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  Postmaster found;
  if (!absl::SimpleAtoi(lines[0], &found.pid) || found.pid <= 1 ||
      !Serves(found.pid, dir.cluster())) {
    return std::nullopt;
  }
  found.ready = lines.size() > kStatusLine &&
                absl::StripAsciiWhitespace(lines[kStatusLine]) == "ready";
  return found;
}

absl::Status StopLeftover(const DataDir& dir, absl::Duration patience) {
  const std::optional<Postmaster> found = FindPostmaster(dir);
  if (!found) return absl::OkStatus();
  // SIGINT rolls open transactions back, SIGQUIT leaves the cleaning to the
  // recovery at the next start: both lose nothing that was committed.
  for (const int signal : {SIGINT, SIGQUIT}) {
    kill(found->pid, signal);
    if (WaitForEnd(dir, found->pid, patience)) return absl::OkStatus();
  }
  return absl::UnavailableError(
      absl::StrCat("PostgreSQL with process id ", found->pid, " serves ",
                   dir.cluster(), " and does not stop; stop it by hand"));
}

}  // namespace budget
