#ifndef BUDGET_TESTS_CHAOS_FOLD_H_
#define BUDGET_TESTS_CHAOS_FOLD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tests/chaos/ledger.h"
#include "tests/chaos/verdicts.h"

namespace budget::chaos {

// A limit at one moment.
struct Usage {
  int64_t spent = 0;
  int64_t reserved = 0;
  int64_t overage = 0;
};

// Adds up the ledger of one root, entry by entry, with code of its own, and
// checks after each: numbers without holes, time that never falls, no rise past
// the cap in force, one end for each reservation, which frees all of its hold,
// nothing below zero. Not thread-safe.
class Fold {
 public:
  // Both must outlive this. `root` is named in what is found.
  Fold(std::string root, const Limits& limits, Verdicts& verdicts)
      : root_(std::move(root)), limits_(limits), verdicts_(verdicts) {}

  void Add(const Entry& entry);

  // The last sequence that was added, and its time.
  int64_t sequence() const { return sequence_; }
  int64_t at_micros() const { return at_micros_; }

  // After the last entry, at `micros`: of the window of `counter` where windows
  // are apart.
  Usage UsageAt(const Pin& counter, int64_t micros) const;
  // The cap in force; nullopt: none.
  std::optional<int64_t> CapOf(int limit) const;

  // Checks the counters of the database as they were when it had the entries so
  // far and no more.
  void Compare(const std::vector<StoredCounter>& stored);

 private:
  using Tally = std::map<int64_t, Usage>;  // by window key
  struct Hold {
    Units held = {};
    bool ended = false;
  };

  void CheckOrder(const Entry& entry);
  void FollowHold(const Entry& entry);
  void Move(const Entry& entry, const Pin& pin);
  void CheckCap(const Entry& entry, const Pin& pin, const Usage& before);
  static void Forget(int64_t bucket, Tally& tally);
  void Compare(const StoredCounter& stored);
  void CheckStored(int limit, const std::set<Pin>& stored);
  std::string Where(const Entry& entry) const;

  const std::string root_;
  const Limits& limits_;
  Verdicts& verdicts_;
  int64_t sequence_ = 0;
  int64_t at_micros_ = 0;
  absl::flat_hash_map<int, Tally> tallies_;  // by limit
  absl::flat_hash_map<int, int64_t> caps_;   // by limit
  absl::flat_hash_map<Uuid, Hold> holds_;    // by reservation
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_FOLD_H_
