// budget-demo: replays an LLM trace against three replicas, kills one, and
// checks every counter against the ledger.

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "budget/client.h"
#include "deploy/replay/chart.h"
#include "deploy/replay/cluster.h"
#include "deploy/replay/plan.h"
#include "deploy/replay/progress.h"
#include "deploy/replay/report.h"
#include "deploy/replay/text_file.h"
#include "deploy/replay/trace.h"

namespace budget::replay {
namespace {

constexpr int kReplicas = 3;
constexpr int kVictim = 1;
constexpr size_t kBadLinesShown = 5;
constexpr size_t kPanelsMax = 6;

std::atomic<bool> interrupted{false};

struct Flags {
  std::string trace;
  std::string out = "out/demo";
  std::string budgetd;
  std::string work_dir;
  bool keep = false;
  uint64_t seed = 1;
  size_t calls_max = 20'000;
  int seconds = 40;
  int gateways = 96;
};

absl::Status Parse(int argc, char** argv, Flags& flags, int& exit_code) {
  CLI::App app(
      "Replays an hour of LLM calls against three replicas of the budget\n"
      "authority on an embedded database, kills one half way, and checks every\n"
      "counter against the ledger. Ends by itself; exits 0 if all invariants\n"
      "held, 1 if one broke, 2 for wrong arguments or a failed start.",
      "deploy/demo");
  app.add_option("--trace", flags.trace,
                 "CSV with TIMESTAMP,ContextTokens,GeneratedTokens or "
                 "Timestamp,Model,Request tokens,Response tokens (default: a "
                 "trace made up from --seed)");
  app.add_option("--out", flags.out,
                 "directory for demo.json and budget.svg")->capture_default_str();
  app.add_option("--budgetd", flags.budgetd, "the server program");
  app.add_option("--seed", flags.seed, "seed of every choice")
      ->capture_default_str();
  app.add_option("--calls", flags.calls_max, "calls to replay at the most")
      ->check(CLI::Range(1, 1'000'000))->capture_default_str();
  app.add_option("--seconds", flags.seconds, "seconds to squeeze the trace into")
      ->check(CLI::Range(5, 3'600))->capture_default_str();
  app.add_option("--gateways", flags.gateways, "concurrent gateway clients")
      ->check(CLI::Range(1, 512))->capture_default_str();
  app.add_option("--work-dir", flags.work_dir,
                 "keep database and logs in this new directory");
  app.add_flag("--keep", flags.keep, "keep the database and the logs");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : 2;
    return absl::CancelledError("");
  }
  return absl::OkStatus();
}

// A directory for the database that is gone at the end, unless it is kept.
class WorkDirectory {
 public:
  explicit WorkDirectory(const Flags& flags)
      : keep_(flags.keep || !flags.work_dir.empty()) {
    if (!flags.work_dir.empty()) {
      path_ = flags.work_dir;
      std::filesystem::create_directories(path_);
      return;
    }
    // Short, because a Unix socket will be in it.
    std::string name = "/tmp/budget-demo-XXXXXX";
    if (mkdtemp(name.data()) != nullptr) path_ = name;
    // The database may run as a user of its own.
    if (!path_.empty()) {
      std::filesystem::permissions(path_, std::filesystem::perms(0755));
    }
  }
  ~WorkDirectory() {
    std::error_code ignored;
    if (keep_) {
      std::cerr << "kept: " << path_ << "\n";
    } else if (!path_.empty()) {
      std::filesystem::remove_all(path_, ignored);
    }
  }
  const std::string& path() const { return path_; }

 private:
  const bool keep_;
  std::string path_;
};

absl::StatusOr<Trace> LoadTrace(const Flags& flags) {
  if (flags.trace.empty()) {
    return MakeTrace(flags.seed, std::min<size_t>(flags.calls_max, 12'000));
  }
  return ReadTraceFile(flags.trace, {flags.calls_max});
}

void TellBadLines(const Trace& trace) {
  for (size_t i = 0; i < std::min(trace.bad_lines.size(), kBadLinesShown); ++i) {
    std::cerr << trace.name << ":" << trace.bad_lines[i].line << ": "
              << trace.bad_lines[i].problem << " (left out)\n";
  }
  if (trace.bad_lines.size() > kBadLinesShown) {
    std::cerr << trace.bad_lines.size() - kBadLinesShown
              << " more lines were left out\n";
  }
}

// Kills one replica half way, and starts it again at three quarters.
class Mischief {
 public:
  Mischief(Cluster& cluster, int64_t calls) : cluster_(cluster), calls_(calls) {}

  void At(int64_t begun) {
    if (marks_.empty() && begun * 2 >= calls_) {
      cluster_.KillReplica(kVictim);
      marks_.push_back({absl::Now(), "replica killed"});
    } else if (marks_.size() == 1 && begun * 4 >= calls_ * 3) {
      restart_ = cluster_.RestartReplica(kVictim);
      marks_.push_back({absl::Now(), "and started again"});
    }
  }
  int killed() const { return marks_.empty() ? 0 : 1; }
  int restarted() const { return marks_.size() == 2 && restart_.ok() ? 1 : 0; }
  const absl::Status& restart_status() const { return restart_; }
  const std::vector<ChartMark>& marks() const { return marks_; }

 private:
  Cluster& cluster_;
  const int64_t calls_;
  std::vector<ChartMark> marks_;
  absl::Status restart_;
};

absl::Status Check(const Plan& plan, const std::vector<std::string>& endpoints,
                   Report& report) {
  Client client(*MakeConnection({.endpoints = endpoints}));
  const absl::Status held =
      WaitUntilNothingIsHeld(client, plan.root, plan.ttl + absl::Seconds(15));
  if (absl::IsDeadlineExceeded(held)) {
    report.replay.violations.push_back(std::string(held.message()));
  } else if (!held.ok()) {
    return held;
  }
  auto audit = AuditLedger(client, plan.root);
  if (!audit.ok()) return audit.status();
  report.audit = *std::move(audit);
  v1::VerifyRequest request;
  request.set_root(plan.root);
  const auto verify = client.Verify(request, {absl::Minutes(2)});
  if (!verify.ok()) return verify.status();
  report.verify_ok = verify->ok();
  report.verify_counters = verify->counters();
  report.verify_entries = verify->entries();
  for (const v1::Discrepancy& d : verify->discrepancies()) {
    report.verify_discrepancies.push_back(absl::StrCat(
        d.subject(), ": ledger ", d.ledger(), ", stored ", d.stored()));
  }
  return absl::OkStatus();
}

// The root, and of the others those that came closest to their caps.
std::vector<LimitSeries> OfInterest(std::vector<LimitSeries> limits) {
  const auto share = [](const LimitSeries& series) {
    const bool root = series.allocation.find('/') == std::string::npos;
    return root ? 2.0
                : static_cast<double>(series.peak) /
                      static_cast<double>(series.cap);
  };
  std::stable_sort(limits.begin(), limits.end(),
                   [&](const LimitSeries& a, const LimitSeries& b) {
                     return share(a) > share(b);
                   });
  if (limits.size() > kPanelsMax) limits.resize(kPanelsMax);
  return limits;
}

absl::Status WriteResults(const Flags& flags, const Report& report,
                          const std::vector<ChartMark>& marks) {
  absl::Status status = WriteTextFile(flags.out + "/demo.json", ToJson(report));
  if (!status.ok()) return status;
  return WriteTextFile(flags.out + "/budget.svg",
               DrawChart("Budgets of acme during the replay",
                         OfInterest(report.audit.limits), marks));
}

absl::StatusOr<Report> RunDemo(const Flags& flags) {
  std::error_code error;
  std::filesystem::create_directories(flags.out, error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--out: cannot make ", flags.out, ": ", error.message()));
  }
  const auto trace = LoadTrace(flags);
  if (!trace.ok()) return trace.status();
  TellBadLines(*trace);
  const Plan plan = MakePlan(
      *trace, {.seed = flags.seed, .length = absl::Seconds(flags.seconds)});
  std::cerr << "Trace: " << trace->name << ", " << trace->calls.size()
            << " calls\nStarting the database and " << kReplicas
            << " replicas ...\n";
  const WorkDirectory directory(flags);
  auto cluster = Cluster::Start({flags.budgetd, directory.path(), kReplicas});
  if (!cluster.ok()) return cluster.status();
  if (absl::Status s = CreateOrganisation(plan, cluster->endpoints()); !s.ok()) {
    return s;
  }
  Report report;
  report.trace = trace->name;
  report.bad_lines = static_cast<int64_t>(trace->bad_lines.size());
  report.replicas = kReplicas;
  Mischief mischief(*cluster, static_cast<int64_t>(plan.calls.size()));
  {
    Progress progress("Replaying", static_cast<int64_t>(plan.calls.size()));
    ReplayOptions options{.endpoints = cluster->endpoints(),
                          .gateways = flags.gateways};
    options.stop = &interrupted;
    options.on_progress = [&](int64_t begun) {
      mischief.At(begun);
      progress.Show(begun, absl::StrCat(cluster->replicas_running(),
                                        " replicas"));
    };
    report.replay = Replay(plan, options);
  }
  report.interrupted = interrupted.load();
  report.replicas_killed = mischief.killed();
  report.replicas_restarted = mischief.restarted();
  if (!mischief.restart_status().ok()) {
    std::cerr << mischief.restart_status().message() << "\n";
  }
  if (report.interrupted) return report;
  std::cerr << "Waiting for the last holds to expire, then checking ...\n";
  if (absl::Status s = Check(plan, cluster->endpoints(), report); !s.ok()) {
    return s;
  }
  if (absl::Status s = WriteResults(flags, report, mischief.marks()); !s.ok()) {
    return s;
  }
  return report;
}

std::string BudgetdBeside(const char* argv0) {
  std::error_code error;
  auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) self = argv0;
  return (self.parent_path() / "budgetd").string();
}

int Main(int argc, char** argv) {
  Flags flags;
  flags.budgetd = BudgetdBeside(argv[0]);
  int exit_code = 0;
  if (!Parse(argc, argv, flags, exit_code).ok()) return exit_code;
  const auto stop = [](int) { interrupted.store(true); };
  signal(SIGINT, stop);
  signal(SIGTERM, stop);
  const auto report = RunDemo(flags);
  if (!report.ok()) {
    std::cerr << "demo: " << report.status().message() << "\n";
    return 2;
  }
  if (report->interrupted) {
    std::cerr << "demo: interrupted; nothing was written\n";
    return 1;
  }
  std::cout << ToText(*report) << "\nWritten: " << flags.out << "/demo.json, "
            << flags.out << "/budget.svg\n";
  return report->Ok() ? 0 : 1;
}

}  // namespace
}  // namespace budget::replay

int main(int argc, char** argv) { return budget::replay::Main(argc, argv); }
