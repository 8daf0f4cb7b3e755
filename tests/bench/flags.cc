#include "tests/bench/flags.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/ctl/security_flags.h"
#include "tests/bench/encoded_request.h"

namespace budget::bench {
namespace {

// Texts that are read after parsing.
struct Words {
  bool quick = false;
  bool smoke = false;
  std::string duration = "10s";
  std::string timeout = "2s";
  SecurityFlags security;
};

CLI::App* AddSuite(CLI::App& app, Invocation& invocation, Words& words) {
  CLI::App* suite = app.add_subcommand(
      "suite", "Measures everything, side by side, on servers of its own");
  CLI::Option* quick = suite->add_flag("--quick", words.quick,
                                       "less of everything, under 10 minutes");
  suite->add_flag("--smoke", words.smoke, "hardly anything, a minute")
      ->excludes(quick);
  suite->add_option("--out", invocation.out, "directory of bench.json, charts")
      ->capture_default_str();
  suite->add_option("--only", invocation.suite.only,
                    "only what has this in its name, such as unary_hot, or "
                    "one of several: full_,empty_");
  suite->add_option("--budgetd", invocation.suite.budgetd,
                    "the server program (default: beside this one)");
  suite->add_option("--commit", invocation.commit, "what was built");
  return suite;
}

CLI::App* AddLoad(CLI::App& app, Invocation& invocation, Words& words) {
  LoadOptions& load = invocation.load;
  CLI::App* command = app.add_subcommand(
      "load", "Puts load on servers that run already, and measures it");
  command
      ->add_option("--target", load.endpoints,
                   "host:port of a server; several share the load")
      ->allow_extra_args(false)
      ->required();
  CLI::Option* callers =
      command->add_option("--callers", load.callers,
                          "closed loop: so many callers, each waiting for its "
                          "answer before it goes on")
          ->check(CLI::Range(1, 10'000))
          ->capture_default_str();
  command
      ->add_option("--rate", load.rate,
                   "open loop instead: so many operations/s, whatever the "
                   "answers; latency counts from when each was due")
      ->check(CLI::Range(1, 1'000'000))
      ->excludes(callers);
  command
      ->add_option("--batch", load.batch,
                   "Batch messages of so many operations instead of unary "
                   "calls; needs --callers")
      ->check(CLI::Range(2, 1'000));
  command
      ->add_option("--allocation", load.allocation,
                   "made with one USD limit unless it is there; one that "
                   "budget-bench did not make is refused (default: a new one)")
      ->check([](const std::string& path) {
        return path.size() < kPathBytesMin ? "choose a longer one" : "";
      });
  command
      ->add_option("--allocations", load.allocations,
                   "spread over so many, below --allocation")
      ->check(CLI::Range(1, 99'999))
      ->capture_default_str();
  command->add_option("--duration", words.duration, "such as 30s or 5m")
      ->capture_default_str();
  command->add_option("--timeout", words.timeout, "of each call")
      ->capture_default_str();
  command->add_flag("--json", load.json, "print the result as JSON");
  words.security.Add(*command, "BUDGET_BENCH_");
  return command;
}

CLI::App* AddNullServer(CLI::App& app, Invocation& invocation) {
  CLI::App* null = app.add_subcommand(
      "null-server", "What suite starts as the limit of gRPC alone");
  null->add_option("--answers", invocation.answers, "directory")->required();
  null->add_option("--port-file", invocation.port_file, "file")->required();
  return null;
}

void Refuse(absl::string_view why, Invocation& invocation) {
  invocation.exit_code = 2;
  invocation.text = absl::StrCat(why, "; --help lists what there is");
}

void ReadDuration(absl::string_view flag, const std::string& word,
                  absl::Duration& duration, Invocation& invocation) {
  if (!absl::ParseDuration(word, &duration) ||
      duration < absl::Milliseconds(100) || duration > absl::Hours(24)) {
    Refuse(absl::StrCat(flag, ": give a duration such as 500ms, 30s or 5m, "
                              "100ms to 24h"),
           invocation);
  }
}

}  // namespace

Invocation ParseInvocation(int argc, const char* const* argv) {
  Invocation invocation;
  Words words;
  CLI::App app("Measures the budget authority; tests/bench/README.md explains.",
               "budget-bench");
  app.require_subcommand(1);
  const CLI::App* load = AddLoad(app, invocation, words);
  AddSuite(app, invocation, words);
  const CLI::App* null = AddNullServer(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    invocation.exit_code = 0;
    invocation.text = app.help();
    return invocation;
  } catch (const CLI::ParseError& error) {
    Refuse(error.what(), invocation);
    return invocation;
  }
  invocation.command = load->parsed()   ? Command::kLoad
                       : null->parsed() ? Command::kNullServer
                                        : Command::kSuite;
  invocation.suite.mode = words.smoke   ? Mode::kSmoke
                          : words.quick ? Mode::kQuick
                                        : Mode::kFull;
  invocation.load.security = words.security.Get();
  ReadDuration("--duration", words.duration, invocation.load.duration,
               invocation);
  ReadDuration("--timeout", words.timeout, invocation.load.timeout,
               invocation);
  if (invocation.load.batch != 0 && invocation.load.rate != 0) {
    Refuse("--batch works with --callers, not with --rate", invocation);
  }
  return invocation;
}

}  // namespace budget::bench
