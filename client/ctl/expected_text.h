#ifndef BUDGET_CTL_EXPECTED_TEXT_H_
#define BUDGET_CTL_EXPECTED_TEXT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "budget/v1/budget_admin.pb.h"

namespace budget {

// Ledger entries that were acknowledged, by root.
using ExpectedByRoot = std::map<std::string, std::vector<v1::ExpectedEntry>>;

// Reads ROOT=SEQUENCE, such as "acme=4711". INVALID_ARGUMENT says what to
// write.
absl::Status ParseAtLeast(absl::string_view text, ExpectedByRoot& out);

// Reads a file of acknowledged entries, one on a line:
//   acme 4711 0198c0de-0000-7000-8000-000000000001
// The id of the reservation or usage may be left out. Empty lines and those
// that begin with # are passed by. INVALID_ARGUMENT names the line.
absl::Status ParseExpectedFile(absl::string_view content, ExpectedByRoot& out);

}  // namespace budget

#endif  // BUDGET_CTL_EXPECTED_TEXT_H_
