#ifndef BUDGET_CTL_PRICE_FILE_H_
#define BUDGET_CTL_PRICE_FILE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "budget/v1/budget_admin.pb.h"

namespace budget {

// Reads a price table from JSON, in either form:
//   {"large": {"input_tokens": "$2.50", "output_tokens": "$10"}}   per million
//   {"prices": [...]}   as `prices get --json` prints it
// INVALID_ARGUMENT names the model and meter.
absl::StatusOr<v1::SetPricesRequest> ParsePriceFile(absl::string_view json);

}  // namespace budget

#endif  // BUDGET_CTL_PRICE_FILE_H_
