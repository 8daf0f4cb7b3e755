#ifndef BUDGET_REPLAY_CHILD_PROCESS_H_
#define BUDGET_REPLAY_CHILD_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace budget::replay {

// A program that runs as long as this object: ended with SIGTERM, and with
// SIGKILL if it has not gone ten seconds later. It is told to end when this
// process dies, and Ctrl-C on the terminal does not reach it. Start and own it
// from one thread.
class ChildProcess {
 public:
  // Runs `argv`; what it prints goes to the end of the file `log`.
  static absl::StatusOr<ChildProcess> Start(std::vector<std::string> argv,
                                            std::string log);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess() { Stop(); }

  // Whether it still runs.
  bool Running();
  // Ends it at once, as a crash would, and waits until it is gone.
  void Kill();
  // Asks it to end and waits until it is gone.
  void Stop();

  pid_t pid() const { return pid_; }
  // The last lines it printed, for error messages.
  std::string LogTail() const;

 private:
  ChildProcess(pid_t pid, std::string log) : pid_(pid), log_(std::move(log)) {}
  bool WaitUntilGone(absl::Duration timeout);

  pid_t pid_ = -1;  // -1: gone
  std::string log_;
};

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_CHILD_PROCESS_H_
