#ifndef BUDGET_TESTS_SIM_SIMULATION_H_
#define BUDGET_TESTS_SIM_SIMULATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/caller.h"
#include "tests/sim/database.h"
#include "tests/sim/faults.h"
#include "tests/sim/verdicts.h"

namespace budget::sim {

struct SeedOptions {
  uint64_t seed = 1;
  // Of callers, decided and committed, under faults and after them. Some more
  // follow while calls under way come to an end.
  int64_t operations = 5000;
  bool trace = false;  // keep the last of what happens, in words
  Database::Planted planted;
};

// What came of one seed.
struct SeedResult {
  Verdicts verdicts;
  FaultCounts faults;
  Answers answers;
  int64_t operations = 0;
  int64_t transactions = 0;
  int64_t entries = 0;
  absl::Duration virtual_time;
  uint64_t hash = 0;  // of all that happened
  std::vector<std::string> trace;
};

// Runs one seed, in this thread. Equal options give equal results.
SeedResult RunSeed(const SeedOptions& options);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_SIMULATION_H_
