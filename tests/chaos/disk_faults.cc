#include <cstdio>
#include <fstream>

#include "tests/chaos/faults.h"
#include "tests/chaos/log_tail.h"

namespace budget::chaos {
namespace {

constexpr char kNoSpace[] = "No space left on device";

// What disk_shim.cc reads.
void FillDisk(Stage& stage, const char* what) {
  std::ofstream(stage.cluster().places().directory + "/disk") << what;
}

void EmptyDisk(Stage& stage) {
  std::remove((stage.cluster().places().directory + "/disk").c_str());
}

bool HasShim(Stage& stage) {
  return !stage.cluster().places().disk_shim.empty();
}

}  // namespace

// New segments cannot be made. PostgreSQL cannot go on then: it stops, and
// cannot recover either until there is room.
absl::StatusOr<int> FillWal(Stage& stage) {
  if (!HasShim(stage)) return absl::UnimplementedError("no disk shim");
  const LogTail log(stage.database().log());
  FillDisk(stage, "wal");
  bool stopped = false;
  for (int i = 0; i < 60 && !stopped && !stage.interrupted(); ++i) {
    stopped = !stage.database().Run("SELECT pg_switch_wal()").ok();
    stage.Last(20, 40);
  }
  stage.Last(500, 1500);
  EmptyDisk(stage);
  const absl::Status started = stage.database().Start();
  if (!started.ok()) return started;
  return stopped && log.Says(kNoSpace) ? 1 : 0;
}

// Tables cannot grow.
absl::StatusOr<int> FillData(Stage& stage) {
  if (!HasShim(stage)) return absl::UnimplementedError("no disk shim");
  const LogTail log(stage.database().log());
  FillDisk(stage, "data");
  const bool refused =
      stage.LastUntil(3000, 5000, [&] { return log.Says(kNoSpace); });
  EmptyDisk(stage);
  return refused ? 1 : 0;
}

}  // namespace budget::chaos
