#include "server/app/stop_signal.h"

#include <pthread.h>
#include <unistd.h>

#include <thread>

#include "server/app/log.h"

namespace budget {
namespace {

const char* NextOf(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal == SIGTERM ? "SIGTERM" : "SIGINT";
}

}  // namespace

StopSignal::StopSignal() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

const char* StopSignal::Wait() { return NextOf(signals_); }

bool StopSignal::WaitFor(absl::Duration duration) {
  const timespec timeout = absl::ToTimespec(duration);
  return sigtimedwait(&signals_, nullptr, &timeout) > 0;
}

bool StopSignal::Pending() const {
  sigset_t pending;
  return sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) == 1 ||
                                       sigismember(&pending, SIGINT) == 1);
}

void StopSignal::ForceOnNext() {
  // Ends with the process, whichever way that ends.
  std::thread([signals = signals_] {
    const char* name = NextOf(signals);
    LogWarning("stopped_by_force", {{"signal", name}});
    _exit(1);
  }).detach();
}

}  // namespace budget
