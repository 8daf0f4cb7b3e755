// Simulates: see README.md, and --help.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/sim/alarm_clock.h"
#include "tests/sim/fan_out.h"
#include "tests/sim/flags.h"
#include "tests/sim/report.h"
#include "tests/sim/simulation.h"
#include "tests/sim/tier.h"

namespace budget::sim {
namespace {

constexpr size_t kFailuresMax = 20;

// How long a run takes is the only thing that the wall clock is asked.
double SecondsSince(absl::Time began) {
  return absl::ToDoubleSeconds(absl::Now() - began);
}

std::string Heading(uint64_t seed, Invariant broken) {
  return absl::StrCat("\nseed ", seed, " breaks ", InvariantName(broken),
                      ":\n");
}

SeedResult RunInTime(uint64_t seed, const FanOut& fan_out) {
  SeedOptions options = OptionsOf(seed, fan_out);
  options.trace = true;
  const absl::Duration patience = PatienceWith(fan_out);
  OnAlarmSay(absl::StrCat(
      Heading(seed, Invariant::kEnds), "it goes on after ",
      absl::FormatDuration(patience), " of the wall clock; where, shows gdb ",
      "that was told: handle SIGALRM stop nopass\n"));
  const AlarmClock clock(patience);
  return RunSeed(options);
}

int Replay(uint64_t seed, const FanOut& fan_out) {
  const SeedResult result = RunInTime(seed, fan_out);
  const auto& breach = result.verdicts.breach();
  if (!breach) {
    std::cout << TableOf({.totals = TotalsOf(result)}) << "\nseed " << seed
              << ": every invariant held, hash " << std::hex << result.hash
              << "\n";
    return 0;
  }
  for (const std::string& line : result.trace) std::cout << line << "\n";
  std::cout << Heading(seed, breach->invariant) << breach->detail << "\n";
  return 1;
}

void TellFailure(const SeedNews& news, const FanOut& fan_out) {
  std::cout << "\nseed " << news.seed;
  for (size_t i = 0; i < kInvariants; ++i) {
    if (news.totals.breaches[i] == 0) continue;
    std::cout << " breaks " << InvariantName(static_cast<Invariant>(i));
  }
  std::cout << (news.died ? " brought its process down" : "")
            << "; replay with:\n  " << ReplayOf(news.seed, fan_out) << "\n";
}

Report RunMany(const FanOut& fan_out) {
  Report report;
  const absl::Time began = absl::Now();
  double shown = 0;
  RunSeeds(fan_out, [&](const SeedNews& news) {
    report.totals += news.totals;
    report.seconds = SecondsSince(began);
    int64_t breaches = news.died ? 1 : 0;
    for (const int64_t count : news.totals.breaches) breaches += count;
    if (breaches > 0) {
      report.failed_seeds.push_back(news.seed);
      if (report.failed_seeds.size() <= kFailuresMax) {
        TellFailure(news, fan_out);
      }
    }
    if (report.seconds - shown < 1) return;
    shown = report.seconds;
    std::cerr << "\r" << ProgressOf(report, fan_out.seeds) << std::flush;
  });
  std::cerr << "\r" << ProgressOf(report, fan_out.seeds) << "\n";
  return report;
}

void TellVerdict(const Report& report,
                 const std::vector<std::string>& missing) {
  if (report.failed_seeds.empty()) std::cout << "\nevery invariant held\n";
  for (const std::string& what : missing) {
    std::cout << "\nless than the tier asks for: " << what << "\n";
  }
}

int Main(const Invocation& invocation) {
  if (invocation.exit_code >= 0) {
    (invocation.exit_code == 0 ? std::cout : std::cerr) << invocation.text;
    return invocation.exit_code;
  }
  if (invocation.replay) {
    return Replay(*invocation.replay, invocation.fan_out);
  }
  const Report report = RunMany(invocation.fan_out);
  std::cout << TableOf(report);
  if (!invocation.out.empty()) {
    std::filesystem::create_directories(invocation.out);
    std::ofstream(std::filesystem::path(invocation.out) / "sim.json")
        << JsonOf(report);
  }
  std::vector<std::string> missing;
  if (invocation.tier) missing = MissingFrom(report.totals, *invocation.tier);
  TellVerdict(report, missing);
  return report.failed_seeds.empty() && missing.empty() ? 0 : 1;
}

}  // namespace
}  // namespace budget::sim

int main(int argc, char** argv) {
  return budget::sim::Main(budget::sim::ParseInvocation(argc, argv));
}
