#ifndef BUDGET_TESTS_SUPPORT_PROCESS_H_
#define BUDGET_TESTS_SUPPORT_PROCESS_H_

#include <signal.h>
#include <sys/types.h>

#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/app/process.h"

namespace budget::testing {

// A process that ends with this object, and with this program however that
// ends. Started and owned by the main thread.
class Process {
 public:
  // `options.death_signal` must be given.
  static absl::StatusOr<Process> Start(const ProcessOptions& options);

  Process() = default;
  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  Process& operator=(Process&& other) noexcept;
  ~Process() { End(SIGKILL); }

  bool Running();
  void Signal(int signal);
  // Sends a signal and waits until it is gone; a process that does not go
  // within twenty seconds is killed.
  void End(int signal);

  pid_t pid() const { return pid_; }

 private:
  explicit Process(pid_t pid) : pid_(pid) {}

  pid_t pid_ = 0;  // 0: gone
};

// Whether `happened` comes true within `patience`: an event of another
// process, which can only be looked for.
bool Within(absl::Duration patience, absl::FunctionRef<bool()> happened);

}  // namespace budget::testing

#endif  // BUDGET_TESTS_SUPPORT_PROCESS_H_
