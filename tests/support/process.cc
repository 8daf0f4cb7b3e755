#include "tests/support/process.h"

#include <sys/wait.h>

#include "absl/time/clock.h"

namespace budget::testing {
namespace {

constexpr absl::Duration kLook = absl::Milliseconds(10);
// budgetd may take its --drain-timeout, 30 s: gRPC alone waits for 20 s where a
// client does not say that it has heard of the end.
constexpr absl::Duration kEndPatience = absl::Seconds(40);

}  // namespace

bool Within(absl::Duration patience, absl::FunctionRef<bool()> happened) {
  const absl::Time end = absl::Now() + patience;
  while (!happened()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(kLook);
  }
  return true;
}

absl::StatusOr<Process> Process::Start(const ProcessOptions& options) {
  const absl::StatusOr<pid_t> pid = Spawn(options);
  if (!pid.ok()) return pid.status();
  return Process(*pid);
}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    End(SIGKILL);
    pid_ = std::exchange(other.pid_, 0);
    wait_status_ = other.wait_status_;
  }
  return *this;
}

bool Process::Running() {
  if (pid_ == 0) return false;
  int status = 0;
  const pid_t ended = waitpid(pid_, &status, WNOHANG);
  if (ended == 0) return true;
  if (ended == pid_) wait_status_ = status;
  pid_ = 0;
  return false;
}

void Process::Signal(int signal) {
  if (Running()) kill(pid_, signal);
}

void Process::End(int signal) {
  Signal(signal);
  if (Within(kEndPatience, [this] { return !Running(); })) return;
  Signal(SIGKILL);
  Within(kEndPatience, [this] { return !Running(); });
}

}  // namespace budget::testing
