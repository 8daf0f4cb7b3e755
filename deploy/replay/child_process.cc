#include "deploy/replay/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace budget::replay {
namespace {

constexpr absl::Duration kPollInterval = absl::Milliseconds(10);
constexpr absl::Duration kStopTimeout = absl::Seconds(10);

// Between fork and exec only async-signal-safe calls are allowed: other
// threads may hold any lock.
[[noreturn]] void ExecChild(char* const argv[], int log) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(argv[0], argv);
  _exit(127);
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(std::vector<std::string> argv,
                                                 std::string log) {
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (std::string& argument : argv) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  if (access(arguments[0], X_OK) != 0) {
    return absl::NotFoundError(
        absl::StrCat(argv[0], " cannot be run: ", std::strerror(errno)));
  }
  const int fd =
      open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) {
    return absl::InternalError(
        absl::StrCat("cannot write ", log, ": ", std::strerror(errno)));
  }
  const pid_t pid = fork();
  if (pid == 0) ExecChild(arguments.data(), fd);
  close(fd);
  if (pid < 0) {
    return absl::InternalError(
        absl::StrCat("cannot start ", argv[0], ": ", std::strerror(errno)));
  }
  return ChildProcess(pid, std::move(log));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), log_(std::move(other.log_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    Stop();
    pid_ = std::exchange(other.pid_, -1);
    log_ = std::move(other.log_);
  }
  return *this;
}

bool ChildProcess::Running() {
  if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
  return pid_ > 0;
}

void ChildProcess::Kill() {
  if (!Running()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void ChildProcess::Stop() {
  if (!Running()) return;
  kill(pid_, SIGTERM);
  if (!WaitUntilGone(kStopTimeout)) Kill();
}

bool ChildProcess::WaitUntilGone(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (Running()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(kPollInterval);
  }
  return true;
}

std::string ChildProcess::LogTail() const {
  std::ifstream file(log_);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  const size_t keep = std::min<size_t>(lines.size(), 12);
  return absl::StrJoin(lines.end() - keep, lines.end(), "\n");
}

}  // namespace budget::replay
