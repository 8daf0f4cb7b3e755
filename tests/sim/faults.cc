#include "tests/sim/faults.h"

namespace budget::sim {

absl::string_view FaultName(FaultKind kind) {
  switch (kind) {
    case FaultKind::kRequestDropped:
      return "request_dropped";
    case FaultKind::kRequestDuplicated:
      return "request_duplicated";
    case FaultKind::kReplyDropped:
      return "reply_dropped";
    case FaultKind::kReplyDuplicated:
      return "reply_duplicated";
    case FaultKind::kMessageDelayed:
      return "message_delayed";
    case FaultKind::kPartition:
      return "partition";
    case FaultKind::kReplicaKilled:
      return "replica_killed";
    case FaultKind::kReplicaPaused:
      return "replica_paused";
    case FaultKind::kKilledBeforeCommit:
      return "killed_before_commit";
    case FaultKind::kKilledAfterCommit:
      return "killed_after_commit";
    case FaultKind::kStorageDown:
      return "storage_down";
    case FaultKind::kConflict:
      return "conflict";
    case FaultKind::kCommitLost:
      return "commit_lost";
    case FaultKind::kCommitInDoubt:
      return "commit_in_doubt";
    case FaultKind::kNoRoom:
      return "no_room";
    case FaultKind::kStorageGivesUp:
      return "storage_gives_up";
    case FaultKind::kClockLeapt:
      return "clock_leapt";
    case FaultKind::kClockSetBack:
      return "clock_set_back";
    case FaultKind::kGatewayCrashed:
      return "gateway_crashed";
    case FaultKind::kSettledLate:
      return "settled_late";
  }
  return "";
}

}  // namespace budget::sim
