#ifndef BUDGET_TESTS_CHAOS_EXPIRY_H_
#define BUDGET_TESTS_CHAOS_EXPIRY_H_

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tests/chaos/history.h"
#include "tests/chaos/ledger.h"
#include "tests/chaos/verdicts.h"

namespace budget::chaos {

// A time of the database's clock in which something was broken or had not yet
// recovered. It ends when it recovered, not when that was seen.
struct Trouble {
  int64_t begin_micros = 0;
  int64_t end_micros = std::numeric_limits<int64_t>::max();  // not healed
};

// Checks of one root that no hold expires before its time, and that none is
// open two seconds after it. The latter is not asked of holds that were due
// when there was trouble or less than two seconds before some began, and then
// is not counted as a check. Not thread-safe.
class Expiry {
 public:
  // `troubles` and `verdicts` must outlive this.
  Expiry(std::string root, const std::vector<Call>& calls,
         const std::vector<Trouble>& troubles, Verdicts& verdicts);

  void Add(const Entry& entry);

 private:
  void CheckEarly(const Entry& entry, int64_t due_micros);
  void CheckLate(const Entry& entry, int64_t due_micros);
  bool Excused(int64_t due_micros) const;

  const std::string root_;
  const std::vector<Trouble>& troubles_;
  Verdicts& verdicts_;
  absl::flat_hash_map<Uuid, int64_t> expires_micros_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_EXPIRY_H_
