#ifndef BUDGET_TESTS_DRILL_REBOOKING_H_
#define BUDGET_TESTS_DRILL_REBOOKING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "budget/client.h"
#include "tests/chaos/history.h"
#include "tests/chaos/ledger.h"

namespace budget::drill {

// What a gateway knows that a restored ledger does not: final settles that were
// acknowledged after the moment. Books each again, as the runbook says: Settle,
// and RecordUsage under the same id where the hold is gone too. Returns how
// many.
absl::StatusOr<int64_t> BookAgain(Client& client,
                                  const std::vector<chaos::Call>& settles,
                                  const std::vector<chaos::Call>& reserves);

// Reservations whose usage in `entries` is not what their final settle said.
std::vector<std::string> Misbooked(const std::vector<chaos::Call>& settles,
                                   const std::vector<chaos::Entry>& entries);

}  // namespace budget::drill

#endif  // BUDGET_TESTS_DRILL_REBOOKING_H_
