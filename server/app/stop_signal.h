#ifndef BUDGET_APP_STOP_SIGNAL_H_
#define BUDGET_APP_STOP_SIGNAL_H_

#include <signal.h>

#include "absl/time/time.h"

namespace budget {

// SIGTERM and SIGINT as an event to wait for. Make it before any thread.
class StopSignal {
 public:
  // Blocks both signals in this thread and in those it will start, and ignores
  // SIGPIPE.
  StopSignal();

  // Waits for one of them and returns its name.
  const char* Wait();

  // Waits for one of them up to `duration`; whether one came.
  bool WaitFor(absl::Duration duration);

  // Whether one has come and not been waited for.
  bool Pending() const;

  // From now on, another one ends the process at once, with exit code 1.
  void ForceOnNext();

 private:
  sigset_t signals_;
};

}  // namespace budget

#endif  // BUDGET_APP_STOP_SIGNAL_H_
