#include "tests/sim/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace budget::sim {
namespace {

constexpr int64_t kSeedsMax = 1'000'000'000;
constexpr int64_t kOperationsMax = 1'000'000'000;
constexpr int kJobsMax = 1024;
constexpr int64_t kSeedMax = std::numeric_limits<int64_t>::max();

// Texts that are read after parsing.
struct Words {
  std::string tier = "ci";
  std::string bug;
};

std::vector<std::string> BugNames() {
  std::vector<std::string> names;
  for (int i = 0; i < kBugs; ++i) {
    names.emplace_back(BugName(static_cast<Bug>(i)));
  }
  return names;
}

// What says how many seeds, and which.
void AddSeeds(CLI::App& app, Invocation& invocation, Words& words) {
  FanOut& fan_out = invocation.fan_out;
  CLI::Option* tier =
      app.add_option("--tier", words.tier,
                     "ci or long: 10 million operations, or 100 million,\n"
                     "and every fault; less of them fails")
          ->check(CLI::IsMember({"ci", "long"}))
          ->capture_default_str();
  CLI::Option* seeds = app.add_option("--seeds", fan_out.seeds,
                                      "how many seeds, instead of the tier's")
                           ->check(CLI::Range(int64_t{1}, kSeedsMax));
  CLI::Option* first =
      app.add_option("--first", fan_out.first, "the first of them")
          ->check(CLI::Range(int64_t{0}, kSeedMax))
          ->capture_default_str();
  app.add_option("--seed", invocation.replay,
                 "one seed, with a trace of what led to a broken invariant")
      ->check(CLI::Range(int64_t{0}, kSeedMax))
      ->excludes(tier, seeds, first);
}

void AddTheRest(CLI::App& app, Invocation& invocation, Words& words) {
  FanOut& fan_out = invocation.fan_out;
  app.add_option("--operations", fan_out.operations, "of each seed")
      ->check(CLI::Range(int64_t{1}, kOperationsMax))
      ->capture_default_str();
  app.add_option("--jobs", fan_out.jobs,
                 "processes; as many as there are cores")
      ->check(CLI::Range(1, kJobsMax));
  app.add_option("--plant", words.bug,
                 "a bug, to show how it is caught (planted_bug.h)")
      ->check(CLI::IsMember(BugNames()));
  app.add_option("--out", invocation.out, "directory of sim.json");
}

int Cores() {
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace

Invocation ParseInvocation(int argc, const char* const* argv) {
  Invocation invocation{.fan_out = {.seeds = 0, .jobs = Cores()}};
  Words words;
  CLI::App app(
      "Simulates replicas, gateways and faults over the store in memory, in\n"
      "virtual time, and checks every invariant against the model. Exits with\n"
      "0 if every invariant held, 1 if not or if the tier was not reached, 2\n"
      "for wrong usage.",
      "tests/sim/run");
  AddSeeds(app, invocation, words);
  AddTheRest(app, invocation, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return {.exit_code = 0, .text = app.help()};
  } catch (const CLI::ParseError& error) {
    return {.exit_code = 2,
            .text = absl::StrCat(error.what(), "; see --help\n")};
  }
  FanOut& fan_out = invocation.fan_out;
  const Tier tier = *TierNamed(words.tier);
  const bool of_its_own = app.count("--seeds") + app.count("--seed") +
                              app.count("--operations") >
                          0;
  if (!of_its_own) invocation.tier = tier;
  if (fan_out.seeds == 0) fan_out.seeds = tier.seeds;
  fan_out.planted = BugNamed(words.bug);
  return invocation;
}

}  // namespace budget::sim
