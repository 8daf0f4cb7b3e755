#include "server/app/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace budget {
namespace {

constexpr int kExitNotStarted = 127;

absl::Status SystemError(absl::string_view what) {
  return absl::InternalError(absl::StrCat(what, ": ", strerror(errno)));
}

// What the child needs between fork and exec, made before: only calls that are
// safe after a fork of a process with threads may follow it.
struct Prepared {
  std::vector<char*> argv;
  int input = -1;
  int output = -1;
  pid_t parent = 0;
};

void ResetSignals() {
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  for (int signal : {SIGPIPE, SIGCHLD, SIGHUP}) {
    sigaction(signal, &action, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool BecomeUser(const std::optional<SystemUser>& user) {
  if (!user) return true;
  return setgroups(0, nullptr) == 0 && setgid(user->gid) == 0 &&
         setuid(user->uid) == 0;
}

[[noreturn]] void RunChild(const ProcessOptions& options,
                           const Prepared& prepared) {
  ResetSignals();
  // A session of its own: the terminal's interrupt is for the parent alone.
  setsid();
  if (chdir("/") != 0 || dup2(prepared.input, 0) < 0 ||
      dup2(prepared.output, 1) < 0 || dup2(prepared.output, 2) < 0 ||
      !BecomeUser(options.user)) {
    _exit(kExitNotStarted);
  }
  if (options.death_signal != 0) {
    // After the change of user, which would clear it.
    prctl(PR_SET_PDEATHSIG, options.death_signal);
    if (getppid() != prepared.parent) _exit(kExitNotStarted);
  }
  execv(prepared.argv[0], prepared.argv.data());
  _exit(kExitNotStarted);
}

absl::StatusOr<int> InputOf(const std::string& text) {
  if (text.empty()) return open("/dev/null", O_RDONLY | O_CLOEXEC);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("pipe");
  // Fits the pipe, so this never waits for a reader.
  const ssize_t written = write(ends[1], text.data(), text.size());
  close(ends[1]);
  if (written != static_cast<ssize_t>(text.size())) {
    close(ends[0]);
    return SystemError("write to a pipe");
  }
  return ends[0];
}

std::string EndOfFile(const std::string& path) {
  constexpr size_t kShown = 1000;
  std::ifstream file(path);
  std::stringstream content;
  content << file.rdbuf();
  std::string text = content.str();
  if (text.size() > kShown) text.erase(0, text.size() - kShown);
  return std::string(absl::StripAsciiWhitespace(text));
}

}  // namespace

absl::StatusOr<pid_t> Spawn(const ProcessOptions& options) {
  Prepared prepared;
  for (const std::string& argument : options.argv) {
    prepared.argv.push_back(const_cast<char*>(argument.c_str()));
  }
  prepared.argv.push_back(nullptr);
  prepared.parent = getpid();
  const std::string output =
      options.output_file.empty() ? "/dev/null" : options.output_file;
  prepared.output =
      open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (prepared.output < 0) return SystemError(absl::StrCat("open ", output));
  const absl::StatusOr<int> input = InputOf(options.input);
  if (!input.ok()) {
    close(prepared.output);
    return input.status();
  }
  prepared.input = *input;
  const pid_t child = fork();
  if (child == 0) RunChild(options, prepared);
  close(prepared.input);
  close(prepared.output);
  if (child < 0) return SystemError("fork");
  return child;
}

absl::Status RunToEnd(const ProcessOptions& options) {
  const absl::StatusOr<pid_t> child = Spawn(options);
  if (!child.ok()) return child.status();
  int status = 0;
  while (waitpid(*child, &status, 0) < 0) {
    if (errno != EINTR) return SystemError("waitpid");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      options.argv[0], " failed: ", EndOfFile(options.output_file)));
}

bool HasEnded(pid_t child) { return waitpid(child, nullptr, WNOHANG) != 0; }

}  // namespace budget
