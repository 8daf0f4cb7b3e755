#ifndef BUDGET_TESTS_CHAOS_STORY_H_
#define BUDGET_TESTS_CHAOS_STORY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/chaos/history.h"
#include "tests/chaos/ledger.h"

namespace budget::chaos {

// What clients asked for under one id, and what the ledger says of it.
struct Story {
  // An entry of the ledger, as far as answers tell of it.
  struct Made {
    int64_t sequence = 0;
    Verb verb = Verb::kReserve;
    bool final = true;
    Units held = {};  // kAdjust: after it

    friend bool operator==(const Made&, const Made&) = default;
  };

  std::vector<const Call*> calls;
  std::vector<Made> made;        // by calls
  Units reserved = {};           // at first
  Units held = {};               // by now
  std::vector<Units> ever_held;  // after each entry
  Units spent = {};
  Units overage = {};
  Units used_max = {};  // both, after any entry
  std::optional<int64_t> cap;    // kSetLimit
  int expiries = 0;

  int Count(Verb verb) const;  // of kSettle: the final ones
  int CountAdjustments(const Units& held) const;  // to hold that
  bool Has(const Made& entry) const;
  bool EverHeld(const Units& amounts) const;
};

// Adds the next entry that is about it.
void Follow(const Entry& entry, Story& story);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_STORY_H_
