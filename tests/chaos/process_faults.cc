#include <signal.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/chaos/faults.h"
#include "tests/chaos/log_tail.h"

namespace budget::chaos {
namespace {

// Whether what was just started stamps its log by a clock that is so wrong.
bool IsOff(const LogTail& log, absl::Duration error) {
  const auto stamped = log.FirstTime();
  return stamped && absl::AbsDuration(*stamped - absl::Now() - error) <
                        absl::AbsDuration(error) / 2;
}

}  // namespace

absl::StatusOr<int> KillReplica(Stage& stage) {
  Replica& replica = stage.AnyReplica();
  replica.Kill();
  stage.Last(200, 1500);
  const absl::Status started = replica.Launch();
  if (!started.ok()) return started;
  return 1;
}

// Longer than the holds of its callers live.
absl::StatusOr<int> PauseReplica(Stage& stage) {
  Replica& replica = stage.AnyReplica();
  replica.Signal(SIGSTOP);
  stage.Last(4100, 6000);
  replica.Signal(SIGCONT);
  return 1;
}

absl::StatusOr<int> PauseAllReplicas(Stage& stage) {
  for (int i = 0; i < Cluster::kReplicas; ++i) {
    stage.cluster().replica(i).Signal(SIGSTOP);
  }
  stage.Last(4100, 6000);
  for (int i = 0; i < Cluster::kReplicas; ++i) {
    stage.cluster().replica(i).Signal(SIGCONT);
  }
  return 1;
}

// It is over when the last one has been started again.
absl::StatusOr<int> RestartInTurn(Stage& stage) {
  for (int i = 0; i < Cluster::kReplicas; ++i) {
    Replica& replica = stage.cluster().replica(i);
    const bool last = i + 1 == Cluster::kReplicas;
    replica.Stop();
    const absl::Status started = last ? replica.Launch() : replica.Start();
    if (!started.ok()) return started;
    if (!last) stage.Last(100, 400);
  }
  return 1;
}

// The first replica of the next release migrates the schema under load; the
// way back leaves it as it is.
absl::StatusOr<int> UpgradeAndBack(Stage& stage) {
  const Places& places = stage.cluster().places();
  for (const std::string& program : {places.budgetd_next, places.budgetd}) {
    for (int i = 0; i < Cluster::kReplicas; ++i) {
      stage.cluster().replica(i).SetProgram(program);
    }
    const absl::StatusOr<int> restarted = RestartInTurn(stage);
    if (!restarted.ok()) return restarted;
  }
  return 1;
}

// The same, and then the migration is undone, so that the next time has one
// too.
absl::StatusOr<int> UpgradeInTurn(Stage& stage) {
  const absl::StatusOr<int> upgraded = UpgradeAndBack(stage);
  if (!upgraded.ok()) return upgraded;
  const auto undone = stage.database().Run(
      "ALTER TABLE budget.reservations DROP COLUMN next_note; "
      "DROP INDEX budget.next_denials; "
      "DELETE FROM budget.schema_migrations WHERE name = 'next_release'");
  if (!undone.ok()) return undone.status();
  return 1;
}

// An hour ahead or behind.
absl::StatusOr<int> ShiftClock(Stage& stage) {
  const std::string& shim = stage.cluster().places().clock_shim;
  if (shim.empty()) return absl::UnimplementedError("no clock shim");
  Replica& replica = stage.AnyReplica();
  const int seconds = stage.Between(0, 1) == 0 ? 3600 : -3600;
  replica.SetEnvironment({"LD_PRELOAD=" + shim,
                          absl::StrCat("CHAOS_CLOCK_SECONDS=", seconds),
                          // That it starts is told, and when.
                          "BUDGETD_LOG_LEVEL=info"});
  replica.Stop();
  const LogTail log(replica.log());
  absl::Status started = replica.Start();
  if (!started.ok()) return started;
  const bool off = IsOff(log, absl::Seconds(seconds));
  stage.Last(4000, 6000);
  replica.SetEnvironment({});
  replica.Stop();
  started = replica.Launch();
  if (!started.ok()) return started;
  return off ? 1 : 0;
}

absl::StatusOr<int> KillPostgres(Stage& stage) {
  stage.database().Crash();
  stage.Last(0, 1500);
  const absl::Status started = stage.database().Start();
  if (!started.ok()) return started;
  return 1;
}

// PostgreSQL then ends all others too, and recovers.
absl::StatusOr<int> KillBackend(Stage& stage) {
  const auto pid = stage.database().Run(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'budgetd' "
      "ORDER BY state = 'active' DESC, random() LIMIT 1");
  pid_t backend = 0;
  if (!pid.ok()) return pid.status();
  backend = atoi(pid->c_str());
  if (backend <= 1) return absl::NotFoundError("no backend to kill");
  if (kill(backend, SIGKILL) != 0) return 0;  // it had just ended
  const absl::Status started = stage.database().Start();
  if (!started.ok()) return started;
  return 1;
}

absl::StatusOr<int> PausePostgres(Stage& stage) {
  stage.database().SignalAll(SIGSTOP);
  stage.Last(1500, 4000);
  stage.database().SignalAll(SIGCONT);
  return 1;
}

}  // namespace budget::chaos
