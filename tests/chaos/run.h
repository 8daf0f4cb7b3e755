#ifndef BUDGET_TESTS_CHAOS_RUN_H_
#define BUDGET_TESTS_CHAOS_RUN_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/chaos/cluster.h"
#include "tests/chaos/conductor.h"
#include "tests/chaos/faults.h"
#include "tests/chaos/verdicts.h"

namespace budget::chaos {

struct RunOptions {
  Places places;
  absl::Duration length;
  uint64_t seed = 1;
  int gateways = 32;
  std::vector<std::string> only;  // names of faults; empty: all
  // Nothing is broken but that replicas are upgraded to `places.budgetd_next`
  // and back, in turn, and no call of clients that repeat may fail.
  bool upgrade = false;
};

// The faults that a run with these options uses.
std::vector<Fault> FaultsOf(const RunOptions& options);

// What a run has shown.
struct RunResult {
  int64_t operations = 0;
  int64_t entries = 0;  // of all ledgers
  std::map<std::string, int64_t> answers;  // calls by verb and answer
  int64_t unknown_resolved = 0;
  int64_t unknown_had_happened = 0;
  int64_t unknown_left = 0;
  int64_t online_checks = 0;  // of counters, while the run went on
  std::set<std::string> online_roots;  // looked at meanwhile, and at the end
  Log log;
  Verdicts verdicts;
  std::string stopped_by;  // a fault that could not be healed; empty: none
};

// Starts everything, breaks it for as long as was asked, stops the load,
// resolves what is unknown, and checks every root. A fault that cannot be
// healed ends the breaking, not the checks. An error means that there is no
// result.
absl::Status RunChaos(const RunOptions& options,
                      const std::atomic<bool>& interrupted, RunResult& result);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_RUN_H_
