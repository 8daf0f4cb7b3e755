#include <signal.h>

#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "tests/chaos/faults.h"

namespace budget::chaos {
namespace {

// A standby without which nothing is committed any more.
absl::StatusOr<std::unique_ptr<PostgresServer>> AddStandby(Stage& stage) {
  auto standby = stage.cluster().MakeStandby();
  if (!standby.ok()) return standby.status();
  absl::Status status = (*standby)->Start();
  if (status.ok()) {
    status = stage.database().Set("synchronous_standby_names", "standby");
  }
  if (status.ok()) status = stage.database().AwaitStandby("sync");
  if (!status.ok()) return status;
  return standby;
}

// What an operator does: nothing of the old one runs any more before the new
// one may write, and then it need not wait for a standby that is not there.
absl::Status Promote(Stage& stage, std::unique_ptr<PostgresServer> standby) {
  stage.cluster().LoseDatabase();
  const absl::Status promoted = standby->Promote();
  if (!promoted.ok()) return promoted;
  const absl::Status alone = standby->Set("synchronous_standby_names", "");
  if (!alone.ok()) return alone;
  const absl::Status moved = stage.cluster().SwitchTo(std::move(standby));
  if (!moved.ok()) return moved;
  stage.audit().Follow(stage.database().Uri());
  return absl::OkStatus();
}

absl::Status RemoveStandby(Stage& stage,
                           std::unique_ptr<PostgresServer> standby) {
  standby->SignalAll(SIGCONT);
  const absl::Status alone =
      stage.database().Set("synchronous_standby_names", "");
  standby->Remove();
  return alone;
}

// Cancels whoever waits for the standby, as an impatient operator might. Their
// transactions are committed here, and nowhere else. Returns how many there were.
int CancelWaits(Stage& stage) {
  int cancelled = 0;
  for (int i = 0; i < 20 && !stage.interrupted(); ++i) {
    const auto count = stage.database().Run(
        "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity "
        "WHERE wait_event = 'SyncRep'");
    int these = 0;
    if (count.ok() && absl::SimpleAtoi(*count, &these)) cancelled += these;
    stage.Last(50, 150);
  }
  return cancelled;
}

}  // namespace

absl::StatusOr<int> PromoteStandby(Stage& stage) {
  auto standby = AddStandby(stage);
  if (!standby.ok()) return standby.status();
  // From now on replicas that connect find two hosts, and pass this one by.
  const absl::Status introduced = stage.cluster().Introduce(**standby);
  if (!introduced.ok()) return introduced;
  stage.Last(500, 1500);
  for (int i = 0; i < Cluster::kReplicas; ++i) {
    stage.cluster().replica(i).proxy().CloseAll();
  }
  stage.Last(500, 1500);
  const absl::Status promoted = Promote(stage, *std::move(standby));
  if (!promoted.ok()) return promoted;
  return 1;
}

absl::StatusOr<int> CancelSyncWait(Stage& stage) {
  auto standby = AddStandby(stage);
  if (!standby.ok()) return standby.status();
  (*standby)->SignalAll(SIGSTOP);
  const int cancelled = CancelWaits(stage);
  const absl::Status removed = RemoveStandby(stage, *std::move(standby));
  if (!removed.ok()) return removed;
  return cancelled > 0 ? 1 : 0;
}

absl::StatusOr<int> CancelSyncWaitThenPromote(Stage& stage) {
  auto standby = AddStandby(stage);
  if (!standby.ok()) return standby.status();
  stage.Last(200, 800);
  // Were it only stopped, it would read on from its socket once it may.
  (*standby)->Crash();
  const int cancelled = CancelWaits(stage);
  stage.cluster().LoseDatabase();
  const absl::Status started = (*standby)->Start();
  if (!started.ok()) return started;
  const absl::Status promoted = Promote(stage, *std::move(standby));
  if (!promoted.ok()) return promoted;
  return cancelled > 0 ? 1 : 0;
}

}  // namespace budget::chaos
