#include "tests/chaos/faults.h"

namespace budget::chaos {

const std::vector<Fault>& AllFaults() {
  static const auto* const faults = new std::vector<Fault>{
      {"kill_replica", KillReplica},
      {"pause_replica", PauseReplica},
      {"pause_all_replicas", PauseAllReplicas},
      {"restart_in_turn", RestartInTurn},
      {"upgrade_in_turn", UpgradeInTurn},
      {"kill_postgres", KillPostgres},
      {"kill_backend", KillBackend},
      {"pause_postgres", PausePostgres},
      {"cut_before_commit", CutBeforeCommit},
      {"cut_after_commit", CutAfterCommit},
      {"cut_in_reply", CutInReply},
      {"cut_all", CutAll},
      {"delay_link", DelayLink},
      {"slow_link", SlowLink},
      {"half_open_link", HalfOpenLink},
      {"swallow_requests", SwallowRequests},
      {"client_link_cut", CutClientLink},
      {"client_link_delayed", DelayClientLink},
      {"client_link_half_open", HalfOpenClientLink},
      {"clock_an_hour_off", ShiftClock},
      {"serialization_storm", SerializationStorm},
      {"long_reader", LongReader},
      {"promote_standby", PromoteStandby},
      {"cancel_sync_wait", CancelSyncWait},
      {"cancel_sync_wait_promote", CancelSyncWaitThenPromote, true},
      {"wal_disk_full", FillWal},
      {"data_disk_full", FillData},
  };
  return *faults;
}

}  // namespace budget::chaos
