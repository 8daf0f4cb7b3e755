#include "server/app/embedded_postgres.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/app/cluster.h"
#include "server/app/log.h"

namespace budget {
namespace {

constexpr absl::Duration kLook = absl::Milliseconds(50);
constexpr absl::Duration kBackoffMax = absl::Seconds(5);
constexpr absl::Duration kStopPatience = absl::Seconds(20);

std::string PercentEncoded(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(c)) {
      encoded += c;
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedPostgres>> EmbeddedPostgres::Start(
    const EmbeddedOptions& options) {
  absl::StatusOr<std::optional<SystemUser>> user =
      PostgresUser(options.postgres_user);
  if (!user.ok()) return user.status();
  absl::StatusOr<DataDir> dir = DataDir::Open(options.data_dir, *user);
  if (!dir.ok()) return dir.status();
  absl::StatusOr<PostgresInstall> install =
      FindPostgres(options.postgres_bindir, ClusterVersion(*dir));
  if (!install.ok()) return install.status();
  std::unique_ptr<EmbeddedPostgres> embedded(new EmbeddedPostgres(
      *std::move(dir), *std::move(install), *std::move(user)));
  const absl::Status status = embedded->WaitUntilReady(options);
  if (!status.ok()) return status;
  return embedded;
}

absl::Status EmbeddedPostgres::WaitUntilReady(const EmbeddedOptions& options) {
  const auto decided = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return ready_ || (!failure_.ok() && !absl::IsUnavailable(failure_));
  };
  const absl::Time end = absl::Now() + options.start_timeout;
  absl::MutexLock lock(&mutex_);
  while (!mutex_.AwaitWithTimeout(absl::Condition(&decided), kLook)) {
    if (options.cancelled && options.cancelled()) {
      return absl::CancelledError("stopped while the database was starting");
    }
    if (absl::Now() < end) continue;
    if (!failure_.ok()) return failure_;
    return absl::UnavailableError(
        absl::StrCat("the embedded PostgreSQL did not start within ",
                     absl::FormatDuration(options.start_timeout), "; see ",
                     dir_.log_file()));
  }
  return ready_ ? absl::OkStatus() : failure_;
}

EmbeddedPostgres::EmbeddedPostgres(DataDir dir, PostgresInstall install,
                                   std::optional<SystemUser> user)
    : dir_(std::move(dir)),
      install_(std::move(install)),
      user_(std::move(user)),
      supervisor_([this] { Supervise(); }) {}

EmbeddedPostgres::~EmbeddedPostgres() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  supervisor_.join();
}

std::string EmbeddedPostgres::Uri() const {
  return absl::StrCat("postgresql:///", kEmbeddedDatabase,
                      "?host=", PercentEncoded(dir_.SocketDir().value_or("")),
                      "&user=", kEmbeddedDatabase);
}

std::optional<pid_t> EmbeddedPostgres::OwnedProcess() const {
  absl::MutexLock lock(&mutex_);
  return server_;
}

bool EmbeddedPostgres::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void EmbeddedPostgres::Wait(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), duration);
}

void EmbeddedPostgres::Publish(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  failure_ = status;
}

// One thread from beginning to end: PostgreSQL is told to stop when the thread
// that started it ends, which is how it notices that budgetd was killed.
void EmbeddedPostgres::Supervise() {
  while (!stopping()) {
    Step();
    Wait(kLook);
  }
  StopServer();
  if (lock_) close(*lock_);
}

void EmbeddedPostgres::Step() {
  if (!lock_) TakeOver();
  const std::optional<pid_t> server = OwnedProcess();
  if (lock_ && server && HasEnded(*server)) {
    LogWarning("postgresql_ended", {{"pid", absl::StrCat(*server)}});
    absl::MutexLock lock(&mutex_);
    server_.reset();
  }
  if (lock_ && !OwnedProcess()) {
    Wait(backoff_);
    const absl::Status status = StartServer();
    if (!status.ok()) {
      LogError("postgresql_not_started",
               {{"error", std::string(status.message())}});
    }
    backoff_ = std::min(kBackoffMax, backoff_ * 2 + absl::Milliseconds(100));
    Publish(status);
  }
  const std::optional<Postmaster> found = FindPostmaster(dir_);
  if (found && found->ready && dir_.SocketDir().ok()) {
    backoff_ = absl::ZeroDuration();
    absl::MutexLock lock(&mutex_);
    ready_ = true;
  }
}

void EmbeddedPostgres::TakeOver() {
  absl::StatusOr<std::optional<int>> lock = dir_.TryLock();
  if (!lock.ok()) return Publish(lock.status());
  lock_ = *lock;
}

absl::Status EmbeddedPostgres::StartServer() {
  absl::Status status = StopLeftover(dir_, kStopPatience);
  if (status.ok()) status = MakeCluster(dir_, install_, user_);
  if (!status.ok()) return status;
  const absl::StatusOr<std::string> socket_dir = dir_.MakeSocketDir();
  if (!socket_dir.ok()) return socket_dir.status();
  const absl::StatusOr<pid_t> server =
      Spawn({.argv = ServeCommand(dir_, install_, *socket_dir,
                                  WalCompression(dir_, install_, user_)),
             .user = user_,
             .output_file = dir_.log_file(),
             .death_signal = SIGINT});
  if (!server.ok()) return server.status();
  LogInfo("postgresql_started", {{"pid", absl::StrCat(*server)},
                                 {"data_dir", dir_.path()},
                                 {"bindir", install_.bindir}});
  absl::MutexLock lock(&mutex_);
  server_ = *server;
  return absl::OkStatus();
}

void EmbeddedPostgres::StopServer() {
  const std::optional<pid_t> server = OwnedProcess();
  if (!server) return;
  for (const int signal : {SIGINT, SIGQUIT, SIGKILL}) {
    kill(*server, signal);
    const absl::Time end = absl::Now() + kStopPatience;
    while (absl::Now() < end) {
      if (HasEnded(*server)) {
        LogInfo("postgresql_stopped", {{"pid", absl::StrCat(*server)}});
        return;
      }
      absl::SleepFor(absl::Milliseconds(20));
    }
  }
}

}  // namespace budget
