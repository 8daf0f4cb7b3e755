// budget-bench: measures the budget authority. README.md explains the figures.

#include <signal.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/bench/null_server.h"
#include "tests/bench/report.h"
#include "tests/bench/suite.h"

namespace budget::bench {
namespace {

std::atomic<bool> interrupted{false};

struct Flags {
  SuiteOptions suite;
  bool quick = false;
  bool smoke = false;
  std::string out = "out/bench";
  std::string commit = "unknown";
  std::string answers;
  std::string port_file;
};

std::filesystem::path Self() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

CLI::App* AddSuite(CLI::App& app, Flags& flags) {
  CLI::App* suite = app.add_subcommand(
      "suite", "measures everything, side by side, on servers of its own");
  suite->add_flag("--quick", flags.quick, "less of everything: under 10 minutes");
  suite->add_flag("--smoke", flags.smoke, "hardly anything: some seconds");
  suite->add_option("--out", flags.out, "directory for bench.json and charts")
      ->capture_default_str();
  suite->add_option("--only", flags.suite.only,
                    "only what has this in its name, such as unary_hot");
  suite->add_option("--budgetd", flags.suite.budgetd, "the server program");
  suite->add_option("--commit", flags.commit, "what was built, for the report");
  return suite;
}

CLI::App* AddNullServer(CLI::App& app, Flags& flags) {
  CLI::App* null = app.add_subcommand(
      "null-server", "what suite starts as the limit of gRPC alone");
  null->add_option("--answers", flags.answers, "directory")->required();
  null->add_option("--port-file", flags.port_file, "file")->required();
  return null;
}

absl::Status Write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot write ", path));
}

int Fail(const absl::Status& status) {
  std::cerr << "budget-bench: " << status.message() << "\n";
  return 1;
}

int Suite(Flags& flags) {
  flags.suite.mode = flags.smoke   ? Mode::kSmoke
                     : flags.quick ? Mode::kQuick
                                   : Mode::kFull;
  flags.suite.bench = Self();
  if (flags.suite.budgetd.empty()) {
    flags.suite.budgetd = Self().parent_path() / "budgetd";
  }
  std::error_code error;
  std::filesystem::create_directories(flags.out, error);
  if (error) {
    return Fail(absl::InvalidArgumentError(absl::StrCat(
        "--out: cannot make ", flags.out, ": ", error.message())));
  }
  Report report{.mode = flags.suite.mode};
  report.machine = DescribeMachine(flags.commit);
  const absl::Status status =
      RunSuite(flags.suite, interrupted, report.figures);
  report.complete = status.ok();
  std::cout << ToText(report);
  const absl::Status written =
      Write(flags.out + "/bench.json", ToJson(report));
  if (!status.ok()) return Fail(status);
  if (!written.ok()) return Fail(written);
  std::cout << "\nWritten: " << flags.out << "/bench.json\n";
  return 0;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Measures the budget authority; tests/bench/README.md explains.",
               "budget-bench");
  app.require_subcommand(1);
  CLI::App* suite = AddSuite(app, flags);
  AddNullServer(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!suite->parsed()) {
    const absl::Status status = ServeNull(flags.answers, flags.port_file);
    return status.ok() ? 0 : Fail(status);
  }
  const auto stop = [](int) { interrupted.store(true); };
  signal(SIGINT, stop);
  signal(SIGTERM, stop);
  return Suite(flags);
}

}  // namespace
}  // namespace budget::bench

int main(int argc, char** argv) { return budget::bench::Main(argc, argv); }
