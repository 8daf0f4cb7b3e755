// budget-bench: measures the budget authority. README.md explains the figures.

#include <signal.h>

#include <atomic>
#include <filesystem>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "deploy/replay/text_file.h"
#include "tests/bench/charts.h"
#include "tests/bench/flags.h"
#include "tests/bench/load_command.h"
#include "tests/bench/null_server.h"
#include "tests/bench/ratios.h"
#include "tests/bench/report.h"
#include "tests/bench/suite.h"

namespace budget::bench {
namespace {

std::atomic<bool> interrupted{false};

void StopOnSignals() {
  const auto stop = [](int) { interrupted.store(true); };
  signal(SIGINT, stop);
  signal(SIGTERM, stop);
}

std::filesystem::path Self() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

int Fail(const absl::Status& status) {
  std::cerr << "budget-bench: " << status.message() << "\n";
  return 1;
}

int Suite(Invocation& invocation) {
  SuiteOptions& options = invocation.suite;
  options.bench = Self();
  if (options.budgetd.empty()) {
    options.budgetd = Self().parent_path() / "budgetd";
  }
  const std::string& out = invocation.out;
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) {
    return Fail(absl::InvalidArgumentError(
        absl::StrCat("--out: cannot make ", out, ": ", error.message())));
  }
  Report report{.mode = options.mode};
  report.machine = DescribeMachine(invocation.commit);
  const absl::Status status = RunSuite(options, interrupted, report.figures);
  report.complete = status.ok() && EveryRatioMeasured(report.figures);
  std::cout << ToText(report);
  const absl::Status written =
      replay::WriteTextFile(out + "/bench.json", ToJson(report));
  if (!status.ok()) return Fail(status);
  if (!written.ok()) return Fail(written);
  const absl::Status drawn = DrawCharts(report.figures, out);
  if (!drawn.ok()) return Fail(drawn);
  std::cout << "\nWritten: " << out << "/bench.json and charts\n";
  return 0;
}

int Load(const LoadOptions& options) {
  const auto text = RunLoad(options, interrupted);
  if (!text.ok()) return Fail(text.status());
  std::cout << *text;
  return 0;
}

int Main(int argc, char** argv) {
  Invocation invocation = ParseInvocation(argc, argv);
  if (invocation.exit_code >= 0) {
    (invocation.exit_code == 0 ? std::cout : std::cerr)
        << invocation.text << "\n";
    return invocation.exit_code;
  }
  if (invocation.command == Command::kNullServer) {
    const absl::Status status =
        ServeNull(invocation.answers, invocation.port_file);
    return status.ok() ? 0 : Fail(status);
  }
  StopOnSignals();
  return invocation.command == Command::kLoad ? Load(invocation.load)
                                              : Suite(invocation);
}

}  // namespace
}  // namespace budget::bench

int main(int argc, char** argv) {
  // Off as in budgetd, so that gRPC costs the same in all processes.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return budget::bench::Main(argc, argv);
}
