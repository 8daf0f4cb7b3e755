#include <openssl/crypto.h>

#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "server/app/config.h"
#include "server/app/grpc_faults.h"
#include "server/app/grpc_log.h"
#include "server/app/log.h"
#include "server/app/serve.h"
#include "server/app/stop_signal.h"
#include "server/app/storage.h"
#include "server/app/token_command.h"
#include "server/metrics/table.h"

namespace budget {
namespace {

absl::Status RunMigrate(const Config& config, StopSignal& stop) {
  const absl::StatusOr<Storage> storage = OpenDatabase(config, stop);
  if (!storage.ok()) return storage.status();
  return MigrateStorage(config, *storage, stop);
}

absl::Status RunCheckSchema(const Config& config, StopSignal& stop) {
  const absl::StatusOr<Storage> storage = OpenDatabase(config, stop);
  if (!storage.ok()) return storage.status();
  return CheckSchemaOf(*storage);
}

absl::Status Run(const Invocation& invocation, StopSignal& stop) {
  switch (invocation.command) {
    case Command::kServe:
      return Serve(invocation.config, BUDGET_VERSION, stop);
    case Command::kMigrate:
      return RunMigrate(invocation.config, stop);
    case Command::kCheckSchema:
      return RunCheckSchema(invocation.config, stop);
    case Command::kVersion:
      std::puts("budgetd " BUDGET_VERSION);
      return absl::OkStatus();
    case Command::kCreateToken:
      return CreateToken(invocation.config, invocation.token, stop);
    case Command::kConfig:
      std::fputs(Describe(invocation.config).c_str(), stdout);
      return absl::OkStatus();
    case Command::kMetrics:
      std::fputs(MetricTableText().c_str(), stdout);
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace budget

int main(int argc, char** argv) {
  // gRPC reads certificates again every second, on a thread that may be late in
  // ending: what it uses of OpenSSL is not to be torn down before that.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
  // Debian builds Abseil with its debugging aid for mutexes: a graph of all of
  // them behind one lock, which took a twentieth of the time of every call.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const budget::Invocation invocation = budget::ParseInvocation(argc, argv);
  if (invocation.exit_code >= 0) {
    std::fprintf(
        invocation.exit_code == 0 ? stdout : stderr, "%s%s\n",
        invocation.exit_code == 0 ? "" : "budgetd: ", invocation.text.c_str());
    return invocation.exit_code;
  }
  budget::SetLogLevel(invocation.config.log_level);
  budget::SetLogFormat(invocation.config.log_format);
  budget::AvoidGrpcFaults();
  budget::LogGrpcToo();
  budget::StopSignal stop;
  const absl::Status status = budget::Run(invocation, stop);
  if (status.ok()) return 0;
  budget::LogError("failed", {{"error", std::string(status.message())}});
  return 1;
}
