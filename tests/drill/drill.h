#ifndef BUDGET_TESTS_DRILL_DRILL_H_
#define BUDGET_TESTS_DRILL_DRILL_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/chaos/cluster.h"
#include "tests/chaos/verdicts.h"

namespace budget::drill {

struct DrillOptions {
  // `directory` also has copies of budgetd, budgetctl, backup and restore,
  // which PostgreSQL's user may run.
  chaos::Places places;
  uint64_t seed = 1;
  int gateways = 16;
  absl::Duration stretch = absl::Seconds(10);  // of load, three times
};

struct DrillResult {
  std::string moment;  // T, as given to restore
  absl::Duration backup_took;
  absl::Duration restore_took;  // with the check of the books
  int64_t calls = 0;
  int64_t kept = 0;      // acknowledged before T
  int64_t lost = 0;      // acknowledged after T, and not there
  int64_t rebooked = 0;  // final settles among the lost that were repeated
  int64_t entries = 0;   // of the restored ledgers, at the end
  chaos::Verdicts verdicts;
};

// Backs up a database under load, loses it, restores it as it was at a moment
// T after the backup, and checks with the histories of the clients that what
// was acknowledged before T is there and what was done later is not. Then books
// again what was settled after T. An error means that there is no result.
absl::Status RunRestoreDrill(const DrillOptions& options, DrillResult& result);

}  // namespace budget::drill

#endif  // BUDGET_TESTS_DRILL_DRILL_H_
