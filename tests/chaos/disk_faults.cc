#include <cstdio>
#include <fstream>

#include "tests/chaos/faults.h"

namespace budget::chaos {
namespace {

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
  return stopped ? 1 : 0;
}

// Tables cannot grow.
absl::StatusOr<int> FillData(Stage& stage) {
  if (!HasShim(stage)) return absl::UnimplementedError("no disk shim");
  FillDisk(stage, "data");
  stage.Last(3000, 5000);
  EmptyDisk(stage);
  return 1;
}

}  // namespace budget::chaos
