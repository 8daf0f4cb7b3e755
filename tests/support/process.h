#ifndef BUDGET_TESTS_SUPPORT_PROCESS_H_
#define BUDGET_TESTS_SUPPORT_PROCESS_H_

#include <signal.h>
#include <sys/types.h>

#include <optional>
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
  Process(Process&& other) noexcept
      : pid_(std::exchange(other.pid_, 0)), wait_status_(other.wait_status_) {}
  Process& operator=(Process&& other) noexcept;
  ~Process() { End(SIGKILL); }

  bool Running();
  void Signal(int signal);
  // Sends a signal and waits until it is gone; a process that does not go
  // within forty seconds is killed.
  void End(int signal);

  pid_t pid() const { return pid_; }
  // How it ended, as waitpid(2) tells; nullopt: it runs, or nobody knows.
  std::optional<int> wait_status() const { return wait_status_; }

 private:
  explicit Process(pid_t pid) : pid_(pid) {}

  pid_t pid_ = 0;  // 0: gone
  std::optional<int> wait_status_;
};

// Whether `happened` comes true within `patience`: an event of another
// process, which can only be looked for.
bool Within(absl::Duration patience, absl::FunctionRef<bool()> happened);

}  // namespace budget::testing

#endif  // BUDGET_TESTS_SUPPORT_PROCESS_H_
