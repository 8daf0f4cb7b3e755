#ifndef BUDGET_TESTS_CHAOS_EXPIRY_H_
#define BUDGET_TESTS_CHAOS_EXPIRY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tests/chaos/history.h"
#include "tests/chaos/ledger.h"
#include "tests/chaos/verdicts.h"
#include "tests/chaos/weather.h"

namespace budget::chaos {

// Checks of one root that no hold expires before its time, and that none is
// open two seconds after it. Trouble that there was then, or that began before
// the two seconds were over, gives two seconds from its end; but only two more
// where some replica went on. Not thread-safe.
class Expiry {
 public:
  // `troubles`, one after the other, and `verdicts` must outlive this.
  Expiry(std::string root, const std::vector<Call>& calls,
         const std::vector<Trouble>& troubles, Verdicts& verdicts);

  void Add(const Entry& entry);

 private:
  void CheckEarly(const Entry& entry, int64_t due_micros);
  void CheckLate(const Entry& entry, int64_t due_micros);
  int64_t LatestEnd(int64_t due_micros) const;

  const std::string root_;
  const std::vector<Trouble>& troubles_;
  Verdicts& verdicts_;
  absl::flat_hash_map<Uuid, int64_t> ttl_micros_;
  // As a client was told, or else its entry and what was asked say.
  absl::flat_hash_map<Uuid, int64_t> expires_micros_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_EXPIRY_H_
