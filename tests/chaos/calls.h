#ifndef BUDGET_TESTS_CHAOS_CALLS_H_
#define BUDGET_TESTS_CHAOS_CALLS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tests/chaos/history.h"
#include "tests/chaos/ledger.h"
#include "tests/chaos/order.h"
#include "tests/chaos/verdicts.h"

namespace budget::chaos {

// Matches what the clients of one root saw with the entries of its ledger, in
// both directions. Not thread-safe.
class Calls {
 public:
  // `calls` are of this root alone; all must outlive this.
  Calls(std::string root, const std::vector<Call>& calls, Verdicts& verdicts);

  // Adds each entry of the ledger, in order.
  void Add(const Entry& entry);

  // Once all entries were added: every answer has its entry, and equal
  // requests had equal answers.
  void Finish();

  // Every entry that a call made, with the time in which it must have been
  // made.
  const std::vector<Effect>& effects() const { return effects_; }

 private:
  // What happened to one reservation.
  struct Story {
    std::vector<const Call*> calls;
    int64_t reserve_sequence = 0;
    Units reserved = {};
    Units used = {};  // spent and overage
    int reserves = 0;
    int final_settles = 0;
    int releases = 0;
    int expiries = 0;
  };

  void Match(const Entry& entry, const Story& story, Verb verb);
  void CheckReplies(const Uuid& id, const Story& story);
  void CheckReserved(const Call& call, const Story& story);
  void CheckDenial(const Call& denied, const Story& story);
  void CheckRepeats(const Call& first, const Call& call);
  std::string Name(const Uuid& id) const;

  const std::string root_;
  Verdicts& verdicts_;
  absl::flat_hash_map<Uuid, Story> stories_;
  std::vector<Effect> effects_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_CALLS_H_
