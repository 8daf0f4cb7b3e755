#include "tests/chaos/faults.h"

namespace budget::chaos {

const std::vector<Fault>& AllFaults() {
  static const auto* const faults = new std::vector<Fault>{
      {.name = "kill_replica", .run = KillReplica, .spares_sweepers = true},
      {.name = "pause_replica", .run = PauseReplica, .spares_sweepers = true},
      {.name = "pause_all_replicas", .run = PauseAllReplicas},
      {.name = "restart_in_turn", .run = RestartInTurn,
       .spares_sweepers = true},
      {.name = "upgrade_in_turn", .run = UpgradeInTurn},
      {.name = "kill_postgres", .run = KillPostgres},
      {.name = "kill_backend", .run = KillBackend},
      {.name = "pause_postgres", .run = PausePostgres},
      {.name = "cut_before_commit", .run = CutBeforeCommit},
      {.name = "cut_after_commit", .run = CutAfterCommit},
      {.name = "cut_in_reply", .run = CutInReply},
      {.name = "cut_all", .run = CutAll},
      {.name = "delay_link", .run = DelayLink},
      {.name = "slow_link", .run = SlowLink},
      {.name = "half_open_link", .run = HalfOpenLink},
      {.name = "swallow_requests", .run = SwallowRequests},
      {.name = "client_link_cut", .run = CutClientLink,
       .spares_sweepers = true},
      {.name = "client_link_delayed", .run = DelayClientLink,
       .spares_sweepers = true},
      {.name = "client_link_half_open", .run = HalfOpenClientLink,
       .spares_sweepers = true},
      {.name = "clock_an_hour_off", .run = ShiftClock, .spares_sweepers = true},
      {.name = "serialization_storm", .run = SerializationStorm},
      {.name = "long_reader", .run = LongReader},
      {.name = "promote_standby", .run = PromoteStandby},
      {.name = "cancel_sync_wait", .run = CancelSyncWait},
      {.name = "cancel_sync_wait_promote", .run = CancelSyncWaitThenPromote,
       .forgets = true},
      {.name = "wal_disk_full", .run = FillWal},
      {.name = "data_disk_full", .run = FillData},
  };
  return *faults;
}

}  // namespace budget::chaos
