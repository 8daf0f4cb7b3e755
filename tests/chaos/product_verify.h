#ifndef BUDGET_TESTS_CHAOS_PRODUCT_VERIFY_H_
#define BUDGET_TESTS_CHAOS_PRODUCT_VERIFY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "budget/client.h"
#include "tests/chaos/verdicts.h"

namespace budget::chaos {

// Lets the service verify the books of a root and their hash chain itself, and
// checks that it finds nothing amiss in all `entries` of the ledger.
void VerifyByProduct(Client& client, const std::string& root, int64_t entries,
                     Verdicts& verdicts);

// Of its answer.
void CheckVerified(const std::string& root, int64_t entries,
                   const absl::StatusOr<v1::VerifyResponse>& answer,
                   Verdicts& verdicts);

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_PRODUCT_VERIFY_H_
