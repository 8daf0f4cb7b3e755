#ifndef BUDGET_TESTS_SIM_FAULTS_H_
#define BUDGET_TESTS_SIM_FAULTS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace budget::sim {

// What befalls the system. FaultName says each in the report.
enum class FaultKind {
  kRequestDropped,
  kRequestDuplicated,
  kReplyDropped,
  kReplyDuplicated,
  kMessageDelayed,      // by up to seconds: overtaken by many others
  kPartition,           // of one gateway from one replica
  kReplicaKilled,       // with all that waits and runs in it
  kReplicaPaused,       // stopped and continued, past the TTL of some
  kKilledBeforeCommit,  // while its transaction ran, which was rolled back
  kKilledAfterCommit,   // while its transaction ran, which was committed
  kStorageDown,         // for one replica
  kConflict,            // rolled back, and tried again
  kCommitLost,          // the connection broke; nothing was committed
  kCommitInDoubt,       // the connection broke; it was committed
  kNoRoom,              // for a transaction so large: it runs in halves
  kStorageGivesUp,      // after any of these: UNAVAILABLE, which says nothing
  kClockLeapt,          // the database's, ahead: windows end, holds expire
  kClockSetBack,        // the database's
  kGatewayCrashed,      // with what it knew of its calls
  kSettledLate,         // after the TTL had passed
};
inline constexpr size_t kFaultKinds =
    static_cast<size_t>(FaultKind::kSettledLate) + 1;

absl::string_view FaultName(FaultKind kind);

// How often each has befallen.
class FaultCounts {
 public:
  int64_t& operator[](FaultKind kind) {
    return counts_[static_cast<size_t>(kind)];
  }
  int64_t operator[](FaultKind kind) const {
    return counts_[static_cast<size_t>(kind)];
  }

 private:
  std::array<int64_t, kFaultKinds> counts_{};
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_FAULTS_H_
