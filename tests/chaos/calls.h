#ifndef BUDGET_TESTS_CHAOS_CALLS_H_
#define BUDGET_TESTS_CHAOS_CALLS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tests/chaos/history.h"
#include "tests/chaos/ledger.h"
#include "tests/chaos/order.h"
#include "tests/chaos/replies.h"
#include "tests/chaos/story.h"
#include "tests/chaos/verdicts.h"
#include "tests/chaos/weather.h"

namespace budget::chaos {

// Matches what the clients of one root saw with the entries of its ledger, in
// both directions. Not thread-safe.
class Calls {
 public:
  // `calls` are of this root alone; all must outlive this. The first
  // `setup_entries` of the ledger were made before them.
  Calls(std::string root, const std::vector<Call>& calls,
        int64_t setup_entries, const Weather& weather, Verdicts& verdicts);

  // Adds each entry of the ledger, in order.
  void Add(const Entry& entry);

  // Once all entries were added: every answer has its entry, and equal
  // requests had equal answers.
  void Finish();

  // Every entry that a call made, with the time in which it must have been
  // made.
  const std::vector<Effect>& effects() const { return effects_; }

 private:
  void Match(const Entry& entry, const Story& story, Verb verb);
  void CheckAsked(const Entry& entry, const Story& story, bool asked);

  const std::string root_;
  const int64_t setup_entries_;
  const Weather& weather_;
  Verdicts& verdicts_;
  Replies replies_;
  absl::flat_hash_map<Uuid, Story> stories_;
  std::vector<Effect> effects_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_CALLS_H_
