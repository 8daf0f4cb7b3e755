// budget-drill: takes a backup under load, loses the database, restores it to
// a moment and checks what is there. README.md explains it.

#include <signal.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "deploy/replay/text_file.h"
#include "tests/drill/drill.h"

namespace budget::drill {
namespace {

namespace fs = std::filesystem;

struct Flags {
  DrillOptions drill;
  int stretch_s = 10;
  std::string scripts = DEPLOY_SCRIPTS;
  std::string out;
  bool keep = false;
};

// A directory of its own, removed at the end, with copies of what PostgreSQL's
// user may not be let into where it was made.
class Workplace {
 public:
  explicit Workplace(bool keep) : keep_(keep) {
    path_ = "/tmp/budget-drill-XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) abort();
    fs::permissions(path_, fs::perms(0755));
  }
  ~Workplace() {
    std::error_code ignored;
    if (!keep_) fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

  void Copy(const fs::path& file) const {
    const fs::path copy = fs::path(path_) / file.filename();
    fs::copy_file(file, copy);
    fs::permissions(copy, fs::perms(0755));
  }

 private:
  const bool keep_;
  std::string path_;
};

std::string ToText(const DrillResult& result) {
  std::string text = absl::StrCat(
      "\nT:                       ", result.moment,
      "\nbackup:                  ", absl::FormatDuration(result.backup_took),
      "\nrestore and check:       ", absl::FormatDuration(result.restore_took),
      "\ncalls:                   ", result.calls,
      "\nacknowledged before T:   ", result.kept,
      "\nacknowledged after T:    ", result.lost, ", lost",
      "\nsettles booked again:    ", result.rebooked,
      "\nledger entries then:     ", result.entries, "\n");
  int64_t checks = 0;
  for (chaos::Invariant invariant : chaos::AllInvariants()) {
    checks += result.verdicts.checks(invariant);
    for (const std::string& what : result.verdicts.examples(invariant)) {
      absl::StrAppend(&text, "VIOLATED ", chaos::NameOf(invariant), ": ", what,
                      "\n");
    }
  }
  absl::StrAppend(&text, checks, " checks, ",
                  result.verdicts.violations_total(), " violations\n");
  return text;
}

std::string ToJson(const DrillResult& result) {
  nlohmann::ordered_json json;
  json["moment"] = result.moment;
  json["backup_seconds"] = absl::ToDoubleSeconds(result.backup_took);
  json["restore_seconds"] = absl::ToDoubleSeconds(result.restore_took);
  json["calls"] = result.calls;
  json["acknowledged_before"] = result.kept;
  json["lost_after"] = result.lost;
  json["rebooked"] = result.rebooked;
  json["ledger_entries"] = result.entries;
  json["violations_total"] = result.verdicts.violations_total();
  return json.dump(2) + "\n";
}

int Report(const Flags& flags, const DrillResult& result) {
  std::cout << ToText(result);
  if (!flags.out.empty()) {
    std::error_code error;
    fs::create_directories(flags.out, error);
    const absl::Status written =
        replay::WriteTextFile(flags.out + "/drill.json", ToJson(result));
    if (!written.ok()) {
      std::cerr << "budget-drill: " << written.message() << "\n";
      return 1;
    }
  }
  return result.verdicts.violations_total() == 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Restores a database to a moment and checks what is there");
  app.add_option("--seed", flags.drill.seed, "Decides what gateways do");
  app.add_option("--stretch", flags.stretch_s,
                 "Seconds of load before the backup, before T, and after it")
      ->check(CLI::Range(1, 3600));
  app.add_option("--gateways", flags.drill.gateways, "Callers at a time")
      ->check(CLI::Range(1, 1000));
  app.add_option("--out", flags.out, "Where to write drill.json");
  app.add_flag("--keep", flags.keep, "Keep logs, backups and the database");
  CLI11_PARSE(app, argc, argv);
  signal(SIGPIPE, SIG_IGN);
  const Workplace workplace(flags.keep);
  std::error_code error;
  const fs::path programs =
      fs::read_symlink("/proc/self/exe", error).parent_path();
  workplace.Copy(programs / "budgetd");
  workplace.Copy(programs / "budgetctl");
  workplace.Copy(fs::path(flags.scripts) / "backup");
  workplace.Copy(fs::path(flags.scripts) / "restore");
  flags.drill.stretch = absl::Seconds(flags.stretch_s);
  flags.drill.places.directory = workplace.path();
  flags.drill.places.budgetd = workplace.path() + "/budgetd";
  std::cerr << "Files: " << workplace.path() << "\n";
  DrillResult result;
  const absl::Status status = RunRestoreDrill(flags.drill, result);
  if (!status.ok()) {
    std::cerr << "budget-drill: " << status.message() << "\n";
    return 1;
  }
  return Report(flags, result);
}

}  // namespace
}  // namespace budget::drill

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return budget::drill::Main(argc, argv);
}
