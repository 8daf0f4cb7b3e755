#ifndef BUDGET_APP_EMBEDDED_POSTGRES_H_
#define BUDGET_APP_EMBEDDED_POSTGRES_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/app/data_dir.h"
#include "server/app/postgres_install.h"

namespace budget {

struct EmbeddedOptions {
  std::string data_dir;
  std::string postgres_bindir;  // empty: look for it
  std::string postgres_user;    // when root; empty: postgres, else nobody
  absl::Duration start_timeout = absl::Minutes(2);
  // Whether to give up waiting for the start; null: never.
  std::function<bool()> cancelled;
};

// A private PostgreSQL under the data directory, on a socket only. Of all
// processes that share the directory one owns it and runs PostgreSQL; when it
// ends, in whatever way, PostgreSQL ends with it and another process takes
// over. A PostgreSQL that dies is started again. Thread-safe.
class EmbeddedPostgres {
 public:
  // Returns once the database accepts connections; makes it at the first
  // start. FAILED_PRECONDITION and NOT_FOUND say what to change;
  // CANCELLED if it was cancelled.
  static absl::StatusOr<std::unique_ptr<EmbeddedPostgres>> Start(
      const EmbeddedOptions& options);

  // Stops PostgreSQL if this process runs it.
  ~EmbeddedPostgres();

  // Where to connect; stays the same.
  std::string Uri() const;

  // The process of PostgreSQL, if this process runs it.
  std::optional<pid_t> OwnedProcess() const;

 private:
  EmbeddedPostgres(DataDir dir, PostgresInstall install,
                   std::optional<SystemUser> user);

  absl::Status WaitUntilReady(const EmbeddedOptions& options);
  void Supervise();
  void Step();
  void TakeOver();
  absl::Status StartServer();
  void StopServer();
  void Publish(const absl::Status& status);
  void Wait(absl::Duration duration);
  bool stopping() const;

  const DataDir dir_;
  const PostgresInstall install_;
  const std::optional<SystemUser> user_;

  // Of the supervising thread.
  std::optional<int> lock_;
  absl::Duration backoff_ = absl::ZeroDuration();

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ready_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);  // of the last try
  std::optional<pid_t> server_ ABSL_GUARDED_BY(mutex_);
  std::thread supervisor_;
};

}  // namespace budget

#endif  // BUDGET_APP_EMBEDDED_POSTGRES_H_
