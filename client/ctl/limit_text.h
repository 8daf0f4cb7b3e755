#ifndef BUDGET_CTL_LIMIT_TEXT_H_
#define BUDGET_CTL_LIMIT_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "budget/v1/types.pb.h"

namespace budget {

// Reads NAME:UNIT=CAP/WINDOW[@ZONE][!PERCENT,PERCENT]:
//   month:usd=$1000/month@Europe/Berlin
//   day:tokens=1M/day
//   burst:usd=$5/rolling:5h
//   total:usd=$100/lifetime!80,95
// CAP "none" counts without a cap; windows are lifetime, hour, day, week,
// month, quarter, year and rolling:DURATION. INVALID_ARGUMENT names the part.
absl::StatusOr<v1::Limit> ParseLimit(absl::string_view text);

// Reads "month@Europe/Berlin", "rolling:5h", "lifetime".
absl::StatusOr<v1::Window> ParseWindow(absl::string_view text);

// The same text again.
std::string FormatWindow(const v1::Window& window);
// "$1,000.00 per month Europe/Berlin": for people.
std::string DescribeLimit(const v1::Limit& limit);

}  // namespace budget

#endif  // BUDGET_CTL_LIMIT_TEXT_H_
