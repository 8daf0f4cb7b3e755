#ifndef BUDGET_TESTS_CHAOS_WORLD_H_
#define BUDGET_TESTS_CHAOS_WORLD_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "budget/client.h"
#include "tests/chaos/ledger.h"
#include "tests/chaos/witness.h"

namespace budget::chaos {

// The allocations that a run spends from: a few roots that look alike. Each has
// a pool of a few slots that are always contested, and keys under a team with
// rolling windows; all of that has one rolling window in common. One key has a
// budget by the day that is full before long, and stays so.
inline constexpr int kRoots = 4;

std::string RootName(int root);

// What a reservation may be for: the allocations of one root.
enum Target { kPool, kKey, kOtherKey, kPoolAndKey };
inline constexpr int kTargets = 4;
std::vector<std::string> AllocationsOf(int root, int target);

// Makes all allocations with their limits.
absl::Status MakeWorld(Client& client);

// The cap of the pool, which administrators move between these.
inline constexpr int kPoolCapMin = 3;
inline constexpr int kPoolCapMax = 9;
// The pool of a root, and the limit that is contested.
std::string PoolOf(int root);
v1::Limit PoolSlots(int64_t cap);

// By target: the limits that its allocations are under.
Witness::LimitsOfTarget LimitsOfTargets(int root, const Limits& limits);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_WORLD_H_
