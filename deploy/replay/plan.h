#ifndef BUDGET_REPLAY_PLAN_H_
#define BUDGET_REPLAY_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/types.pb.h"
#include "deploy/replay/trace.h"

namespace budget::replay {

// What the gateway that makes a call does about it.
enum class Course {
  kSettle,          // the usual
  kStream,          // reports usage twice on the way
  kRetry,           // loses the answer of Reserve and asks again, same id
  kCrash,           // dies after dispatch: the hold runs into its TTL
  kCancel,          // never dispatches: Release
};

// One call, decided before the replay begins: the same seed, the same plan.
struct PlannedCall {
  absl::Duration at;       // since the start of the replay
  absl::Duration latency;  // from Reserve to the final Settle
  std::string key;         // "acme/search/key-2"
  std::string model;
  int64_t prompt_tokens = 0;
  int64_t output_bound = 0;  // what Reserve holds for the answer
  int64_t generated_tokens = 0;
  Course course = Course::kSettle;
};

// The organisation and the calls of a replay.
struct Plan {
  std::string root;
  absl::Duration length;
  absl::Duration ttl;
  std::vector<v1::Allocation> allocations;  // parents first
  std::vector<v1::ModelPrice> prices;
  std::vector<PlannedCall> calls;
};

// Choices of a replay.
struct PlanOptions {
  uint64_t seed = 1;
  absl::Duration length = absl::Seconds(40);  // the trace is squeezed into it
  absl::Duration ttl = absl::Seconds(4);
};

// Lays an organisation of one root, three teams and nine keys over the trace.
// Caps are chosen from the trace so that most calls fit and each kind of limit
// (a USD month on the root, a token day on a team, a rolling window on keys)
// denies some.
Plan MakePlan(const Trace& trace, const PlanOptions& options);

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_PLAN_H_
