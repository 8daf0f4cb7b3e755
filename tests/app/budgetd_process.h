#ifndef BUDGET_TESTS_APP_BUDGETD_PROCESS_H_
#define BUDGET_TESTS_APP_BUDGETD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/support/status.h"
#include "server/app/process.h"
#include "tests/support/scratch_dir.h"

namespace budget::testing {

// The content of a file, empty if there is none.
std::string ReadFile(const std::string& path);

// A budgetd on a free loopback port that ends with its test.
class Budgetd {
 public:
  // Its log and its port are files called `name` in `scratch`.
  Budgetd(const ScratchDir& scratch, const std::string& name,
          const std::vector<std::string>& flags,
          const std::optional<SystemUser>& user = std::nullopt);
  ~Budgetd();

  void Send(int signal);

  // Waits for its end: the exit code, or minus the signal that ended it.
  int Wait();

  // Whether it listens, before long; false if it ended instead.
  bool Serves();
  // Of the whole server; the message names NOT_SERVING where it says so.
  absl::Status Health() const;
  bool IsDraining() const;

  // Once it serves.
  std::string port() const;
  std::string log() const { return ReadFile(log_); }

  // Creates an allocation, waiting for the database if need be.
  grpc::Status Create(const std::string& path, const std::string& request_id);
  // The same without waiting, in one call that may take `timeout`.
  grpc::Status CreateOnce(const std::string& path,
                          const std::string& request_id,
                          absl::Duration timeout);

 private:
  bool HasStopped();
  std::shared_ptr<grpc::Channel> Channel() const;

  const std::string log_;
  const std::string port_file_;
  pid_t pid_ = 0;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_APP_BUDGETD_PROCESS_H_
