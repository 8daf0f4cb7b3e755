#ifndef BUDGET_TESTS_SIM_PROFILE_H_
#define BUDGET_TESTS_SIM_PROFILE_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "tests/sim/faults.h"
#include "tests/sim/random.h"

namespace budget::sim {

// The rates of faults: of messages and transactions in ten thousandths, of
// what befalls a replica, a gateway or the database as the mean time between.
// Zero: never.
struct FaultRates {
  int64_t request_dropped = 0;
  int64_t request_duplicated = 0;
  int64_t reply_dropped = 0;
  int64_t reply_duplicated = 0;
  int64_t message_delayed = 0;
  int64_t conflict = 0;
  int64_t commit_lost = 0;
  int64_t commit_in_doubt = 0;
  int64_t no_room = 0;
  int64_t killed_in_commit = 0;
  absl::Duration partition;
  absl::Duration replica_killed;
  absl::Duration replica_paused;
  absl::Duration storage_down;
  absl::Duration clock_leapt;
  absl::Duration clock_set_back;
  absl::Duration gateway_crashed;
};

// What the system of one seed is like. Each seed has faults and sizes of its
// own, many of them at an extreme: what all have a little of, none finds.
struct Profile {
  absl::Time start;
  int roots = 1;
  int lanes = 1;
  int replicas = 1;
  int gateways = 1;
  int administrators = 0;
  int workers = 1;                  // of each replica
  int batch_operations_max = 512;
  int queue_operations_max = 10'000;
  int64_t due_per_transaction_max = 2000;
  absl::Duration message_max;       // of the network, one way
  absl::Duration transaction_max;   // from the turn to the commit
  absl::Duration pause_max;         // between a gateway's conversations
  absl::Duration calm_pause_max;    // the same once faults have stopped
  absl::Duration ttl_max;
  absl::Duration retention;         // of ended reservations
  bool purges = false;
  bool credits_chains = false;      // or else limits come and go
  FaultRates rates;
};

// The longest from the begin of a batch to that of the next, of all replicas
// together: a worker is busy until it has answered, a lane only until its
// transaction has ended.
absl::Duration LongestOfABatch(const Profile& profile);

Profile DrawProfile(Random& random);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_PROFILE_H_
