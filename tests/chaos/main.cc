// budget-chaos: breaks real replicas and a real PostgreSQL under load, and
// checks what their clients saw. README.md explains it.

#include <signal.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "deploy/replay/text_file.h"
#include "tests/chaos/faults.h"
#include "tests/chaos/report.h"
#include "tests/chaos/run.h"

namespace budget::chaos {
namespace {

std::atomic<bool> interrupted{false};

void StopOnSignals() {
  const auto stop = [](int) { interrupted = true; };
  signal(SIGINT, stop);
  signal(SIGTERM, stop);
  signal(SIGHUP, stop);
  signal(SIGPIPE, SIG_IGN);
}

// A directory of its own for sockets, logs and databases; removed at the end
// unless it is to be kept.
class RunDirectory {
 public:
  explicit RunDirectory(bool keep) : keep_(keep) {
    path_ = "/tmp/budget-chaos-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) abort();
    // PostgreSQL may run as a user of its own.
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ~RunDirectory() {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  void Keep() { keep_ = true; }

 private:
  bool keep_;
  std::string path_;
};

std::filesystem::path Self() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

std::string CopyInto(const std::string& directory, const std::string& file) {
  const std::filesystem::path copy =
      std::filesystem::path(directory) /
      std::filesystem::path(file).filename();
  std::error_code error;
  std::filesystem::copy_file(file, copy, error);
  return error ? "" : copy.string();
}

struct Flags {
  double minutes = 5;
  RunOptions run;
  std::string out;
  bool keep = false;
  bool list = false;
};

void AddFlags(CLI::App& app, Flags& flags) {
  app.add_option("--minutes", flags.minutes, "How long things are broken")
      ->check(CLI::Range(0.01, 24.0 * 60));
  app.add_option("--seed", flags.run.seed,
                 "Decides the order of faults and what gateways do");
  app.add_option("--out", flags.out, "Where to write chaos.json");
  app.add_option("--only", flags.run.only, "Faults to use, by name")
      ->delimiter(',');
  app.add_option("--gateways", flags.run.gateways, "Callers at a time")
      ->check(CLI::Range(1, 1000));
  app.add_flag("--list", flags.list, "Print the names of all faults, and end");
  app.add_flag("--keep", flags.keep,
               "Keep logs and the database even if all is well");
  app.add_option("--budgetd", flags.run.places.budgetd, "The server program");
  app.add_option("--upgrade-to", flags.run.places.budgetd_next,
                 "Break nothing: upgrade from --budgetd to this program and "
                 "back, in turn; no call may fail after retries")
      ->check(CLI::ExistingFile);
}

int Report(const Flags& flags, const RunResult& result) {
  std::cout << ToText(flags.run, result);
  if (!flags.out.empty()) {
    std::error_code error;
    std::filesystem::create_directories(flags.out, error);
    const absl::Status written = replay::WriteTextFile(
        flags.out + "/chaos.json", ToJson(flags.run, result));
    if (!written.ok()) {
      std::cerr << "budget-chaos: " << written.message() << "\n";
      return 1;
    }
  }
  const std::vector<std::string> not_shown = NotShown(flags.run, result);
  for (const std::string& what : not_shown) {
    std::cerr << "budget-chaos: not shown: " << what << "\n";
  }
  const bool held = result.verdicts.violations_total() == 0;
  return held && result.stopped_by.empty() && not_shown.empty() ? 0 : 1;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Breaks replicas and their database under load");
  AddFlags(app, flags);
  CLI11_PARSE(app, argc, argv);
  if (flags.list) {
    for (const Fault& fault : AllFaults()) std::cout << fault.name << "\n";
    return 0;
  }
  StopOnSignals();
  RunDirectory directory(flags.keep);
  RunOptions& options = flags.run;
  options.length = absl::Minutes(flags.minutes);
  options.places.directory = directory.path();
  if (options.places.budgetd.empty()) {
    options.places.budgetd = Self().parent_path() / "budgetd";
  }
  // PostgreSQL's user may not be let into where they were built.
  options.places.clock_shim = CopyInto(directory.path(), CLOCK_SHIM);
  options.places.disk_shim = CopyInto(directory.path(), DISK_SHIM);
  options.upgrade = !options.places.budgetd_next.empty();
  if (!options.upgrade) {
    options.places.budgetd_next = Self().parent_path() / "budgetd-next";
  }
  std::cerr << "Files: " << directory.path() << "\n";
  RunResult result;
  const absl::Status status = RunChaos(options, interrupted, result);
  if (!status.ok()) std::cerr << "budget-chaos: " << status.message() << "\n";
  const int exit_code = status.ok() ? Report(flags, result) : 1;
  // Its logs say why.
  if (exit_code != 0 && !interrupted) {
    directory.Keep();
    std::cerr << "Kept: " << directory.path() << "\n";
  }
  return exit_code;
}

}  // namespace
}  // namespace budget::chaos

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return budget::chaos::Main(argc, argv);
}
