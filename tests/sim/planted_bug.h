#ifndef BUDGET_TESTS_SIM_PLANTED_BUG_H_
#define BUDGET_TESTS_SIM_PLANTED_BUG_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "tests/sim/database.h"

namespace budget::sim {

// Bugs to be planted in the store, each of which the checks must catch.
enum class Bug {
  kDropsCommits,         // answers OK, and nothing was written
  kAnswersBeforeCommit,  // writes with the next transaction
  kAppliesTwice,
  kDecidesAnew,          // every other commit, as if it had been lost
  kReleasesTwice,
  kPassesCaps,           // cap test and guard are gone
  kForgetsIds,           // reservations that exist are not found
  kLosesCount,           // a counter moves by less than its entry says
  kLeavesHoles,          // in the sequence of the ledger
  kOwnClock,             // decides by a clock that is an hour ahead
  kMakesUpRows,
  kAnswersOtherwise,     // a repeat is answered something else
  kSweepsNothing,
  kMisstatesRemaining,   // shows one less than remains, and refuses by it
  kAltersRows,           // of the ledger, once they were committed
  kBreaksConstraints,
  kStaysDown,            // is not available any more after a while
  kStandsStill,          // is always busy, and no time passes
  kHangs,                // a transaction never comes back
};
inline constexpr int kBugs = static_cast<int>(Bug::kHangs) + 1;

absl::string_view BugName(Bug bug);
std::optional<Bug> BugNamed(absl::string_view name);

// The bug, for the database of a simulation.
Database::Planted Plant(Bug bug);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_PLANTED_BUG_H_
