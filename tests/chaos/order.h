#ifndef BUDGET_TESTS_CHAOS_ORDER_H_
#define BUDGET_TESTS_CHAOS_ORDER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/chaos/history.h"
#include "tests/chaos/verdicts.h"
#include "tests/chaos/weather.h"

namespace budget::chaos {

// An entry of a ledger that a call made, at some moment from `called` on and
// before `returned`.
struct Effect {
  int64_t sequence = 0;
  Nanos called = 0;
  Nanos returned = kNever;
};

// The prefixes of a ledger that an answer may be about: from the last entry
// that was answered before the call began, to the last one that may have been
// made before it returned.
struct Span {
  int64_t first = 0;
  int64_t last = 0;

  bool Has(int64_t sequence) const {
    return first <= sequence && sequence <= last;
  }
};

// The order of a root's ledger is its order of linearization: each entry names
// its place. It is one exactly if it respects the real time of calls that did
// not overlap, which this checks; what left no entry (denials, reads) must fit
// some prefix of Around.
class Order {
 public:
  explicit Order(std::vector<Effect> effects);

  void Check(const std::string& root, const Weather& weather,
             Verdicts& verdicts) const;

  Span Around(Nanos called, Nanos returned) const;

 private:
  std::vector<Effect> by_sequence_;
  // For each moment of an answer, the highest sequence answered until then.
  std::vector<std::pair<Nanos, int64_t>> answered_;
  // For each moment of a call, the lowest sequence of those made from it on.
  std::vector<std::pair<Nanos, int64_t>> begun_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_ORDER_H_
