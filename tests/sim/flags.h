#ifndef BUDGET_TESTS_SIM_FLAGS_H_
#define BUDGET_TESTS_SIM_FLAGS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "tests/sim/fan_out.h"
#include "tests/sim/tier.h"

namespace budget::sim {

// What the command line asks for.
struct Invocation {
  FanOut fan_out;
  // What the run owes; nullopt where seeds or operations are given, not a tier.
  std::optional<Tier> tier;
  std::optional<uint64_t> replay;  // one seed, here, with a trace
  std::string out;                 // where sim.json goes; empty: nowhere
  // Set: print `text` and end with it. 0 for help, 2 for what is wrong.
  int exit_code = -1;
  std::string text;
};

Invocation ParseInvocation(int argc, const char* const* argv);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_FLAGS_H_
