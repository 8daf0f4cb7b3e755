#ifndef BUDGET_TESTS_CHAOS_WITNESS_H_
#define BUDGET_TESTS_CHAOS_WITNESS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "tests/chaos/fold.h"
#include "tests/chaos/history.h"
#include "tests/chaos/ledger.h"
#include "tests/chaos/open_holds.h"
#include "tests/chaos/order.h"
#include "tests/chaos/verdicts.h"

namespace budget::chaos {

// Checks answers that left no entry against the prefixes of the ledger of one
// root: a denial must be true at one that it may be about, and so must that a
// reservation has ended; a read must show exactly the one that it names.
// Follows the fold: Look after each entry that was added to it. Not
// thread-safe.
class Witness {
 public:
  // The limits that each target of the world is under, by target.
  using LimitsOfTarget = std::vector<std::vector<int>>;

  // All must outlive this. `calls` and `reads` are of this root alone.
  Witness(std::string root, const Limits& limits,
          const LimitsOfTarget& limits_of_target,
          const std::vector<Call>& calls, const std::vector<Read>& reads,
          const Order& order, Verdicts& verdicts);

  void Look(const Entry& entry, const Fold& fold);
  void Finish();

 private:
  // A no, and what it may be about.
  struct Claim {
    const Call* denial = nullptr;
    Span span;
  };

  void CheckDenials(const Fold& fold);
  bool Explains(const Call& denial, const Fold& fold) const;
  bool IsFull(int target, const Units& wanted, const Fold& fold) const;
  Pin CounterOf(int limit, int64_t micros) const;
  void CheckReads(const Fold& fold);
  void CheckWhole(const Read& read);
  void Compare(const Read& read, const LimitReading& seen, const Fold& fold);

  const std::string root_;
  const Limits& limits_;
  const LimitsOfTarget& limits_of_target_;
  const Order& order_;
  Verdicts& verdicts_;
  std::vector<Claim> claims_;  // by the first prefix
  size_t next_claim_ = 0;
  std::vector<Claim> open_claims_;
  std::vector<const Read*> reads_;  // by sequence
  size_t next_read_ = 0;
  OpenHolds holds_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_WITNESS_H_
