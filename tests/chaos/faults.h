#ifndef BUDGET_TESTS_CHAOS_FAULTS_H_
#define BUDGET_TESTS_CHAOS_FAULTS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "tests/chaos/stage.h"

namespace budget::chaos {

// A way in which the world may break. `run` breaks it, lets it be broken for a
// while and heals it; it returns how often it did, or why it could not. What
// need not have broken anything counts by its evidence, and is 0 without.
struct Fault {
  const char* name;
  absl::StatusOr<int> (*run)(Stage& stage);
  // What was visible may have been lost, though it was acknowledged to nobody:
  // reads and denials meanwhile are not held against the ledger.
  bool forgets = false;
  // The database is well, and so is some replica at every moment: it ends what
  // is due.
  bool spares_sweepers = false;
};

// In the order of the table in README.md.
const std::vector<Fault>& AllFaults();

// To the next release and back, as an operator does it: what a migration has
// changed stays.
absl::StatusOr<int> UpgradeAndBack(Stage& stage);

// Of the processes.
absl::StatusOr<int> KillReplica(Stage& stage);
absl::StatusOr<int> PauseReplica(Stage& stage);
absl::StatusOr<int> PauseAllReplicas(Stage& stage);
absl::StatusOr<int> RestartInTurn(Stage& stage);
absl::StatusOr<int> UpgradeInTurn(Stage& stage);
absl::StatusOr<int> ShiftClock(Stage& stage);

// Of the database.
absl::StatusOr<int> KillPostgres(Stage& stage);
absl::StatusOr<int> KillBackend(Stage& stage);
absl::StatusOr<int> PausePostgres(Stage& stage);

// Of the wire to the database.
absl::StatusOr<int> CutBeforeCommit(Stage& stage);
absl::StatusOr<int> CutAfterCommit(Stage& stage);
absl::StatusOr<int> CutInReply(Stage& stage);
absl::StatusOr<int> CutAll(Stage& stage);
absl::StatusOr<int> DelayLink(Stage& stage);
absl::StatusOr<int> SlowLink(Stage& stage);
absl::StatusOr<int> HalfOpenLink(Stage& stage);
absl::StatusOr<int> SwallowRequests(Stage& stage);

// Of the wire to clients.
absl::StatusOr<int> CutClientLink(Stage& stage);
absl::StatusOr<int> DelayClientLink(Stage& stage);
absl::StatusOr<int> HalfOpenClientLink(Stage& stage);

// Of others who use the database.
absl::StatusOr<int> SerializationStorm(Stage& stage);
absl::StatusOr<int> LongReader(Stage& stage);

// Of a synchronous standby.
absl::StatusOr<int> PromoteStandby(Stage& stage);
absl::StatusOr<int> CancelSyncWait(Stage& stage);
absl::StatusOr<int> CancelSyncWaitThenPromote(Stage& stage);

// Of the disk.
absl::StatusOr<int> FillWal(Stage& stage);
absl::StatusOr<int> FillData(Stage& stage);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_FAULTS_H_
