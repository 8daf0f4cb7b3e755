#ifndef BUDGET_TESTS_SIM_SCENE_H_
#define BUDGET_TESTS_SIM_SCENE_H_

#include "tests/sim/auditor.h"
#include "tests/sim/database.h"
#include "tests/sim/events.h"
#include "tests/sim/faults.h"
#include "tests/sim/journal.h"
#include "tests/sim/network.h"
#include "tests/sim/profile.h"
#include "tests/sim/random.h"
#include "tests/sim/verdicts.h"

namespace budget::sim {

// What all who take part in a simulation have in common.
struct Scene {
  const Profile& profile;
  Events& events;
  Random& random;
  Journal& journal;
  FaultCounts& faults;
  Verdicts& verdicts;
  Auditor& auditor;
  Database& database;
  Network& network;
  bool healed = false;   // no more faults begin
  bool calm = false;     // the last of them are over
  bool stopped = false;  // no more load
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_SCENE_H_
