// Simulates: see README.md, and --help.

#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/time/clock.h"
#include "tests/sim/fan_out.h"
#include "tests/sim/flags.h"
#include "tests/sim/report.h"
#include "tests/sim/simulation.h"

namespace budget::sim {
namespace {

constexpr size_t kFailuresMax = 20;

// How long a run takes is the only thing that the wall clock is asked.
double SecondsSince(absl::Time began) {
  return absl::ToDoubleSeconds(absl::Now() - began);
}

int Replay(uint64_t seed, const Invocation& invocation) {
  SeedOptions options{.seed = seed,
                      .operations = invocation.fan_out.operations,
                      .trace = true};
  if (invocation.planted) options.planted = Plant(*invocation.planted);
  const SeedResult result = RunSeed(options);
  const auto& breach = result.verdicts.breach();
  if (!breach) {
    std::cout << TableOf({.totals = TotalsOf(result)}) << "\nseed " << seed
              << ": every invariant held, hash " << std::hex << result.hash
              << "\n";
    return 0;
  }
  for (const std::string& line : result.trace) std::cout << line << "\n";
  std::cout << "\nseed " << seed << " breaks "
            << InvariantName(breach->invariant) << ":\n"
            << breach->detail << "\n";
  return 1;
}

void TellFailure(const SeedNews& news, int64_t operations) {
  std::cout << "\nseed " << news.seed;
  for (size_t i = 0; i < kInvariants; ++i) {
    if (news.totals.breaches[i] == 0) continue;
    std::cout << " breaks " << InvariantName(static_cast<Invariant>(i));
  }
  std::cout << (news.died ? " brought its process down" : "")
            << "; replay with:\n  " << ReplayOf(news.seed, operations) << "\n";
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
        TellFailure(news, fan_out.operations);
      }
    }
    if (report.seconds - shown < 1) return;
    shown = report.seconds;
    std::cerr << "\r" << ProgressOf(report, fan_out.seeds) << std::flush;
  });
  std::cerr << "\r" << ProgressOf(report, fan_out.seeds) << "\n";
  return report;
}

int Main(const Invocation& invocation) {
  if (invocation.exit_code >= 0) {
    (invocation.exit_code == 0 ? std::cout : std::cerr) << invocation.text;
    return invocation.exit_code;
  }
  if (invocation.replay) {
    return Replay(*invocation.replay, invocation);
  }
  const Report report = RunMany(invocation.fan_out);
  std::cout << TableOf(report);
  if (!invocation.out.empty()) {
    std::filesystem::create_directories(invocation.out);
    std::ofstream(std::filesystem::path(invocation.out) / "sim.json")
        << JsonOf(report);
  }
  if (report.failed_seeds.empty()) std::cout << "\nevery invariant held\n";
  return report.failed_seeds.empty() ? 0 : 1;
}

}  // namespace
}  // namespace budget::sim

int main(int argc, char** argv) {
  return budget::sim::Main(budget::sim::ParseInvocation(argc, argv));
}
