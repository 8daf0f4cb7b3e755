#ifndef BUDGET_STORE_POSTGRES_SQLSTATE_METERS_H_
#define BUDGET_STORE_POSTGRES_SQLSTATE_METERS_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/base/meter.h"

namespace budget {

// Counts by SQLSTATE: each that is to be expected has a place of its own, so
// that there are only so many. Thread-safe.
class SqlstateMeters {
 public:
  // "none": the server said nothing, as when a connection is cut.
  static constexpr std::array<absl::string_view, 17> kCodes = {
      "none",  "40001", "40003", "40P01", "55P03", "57014",
      "57P01", "57P02", "57P03", "25006", "25P03", "08006",
      "53100", "53200", "53300", "58030", "other"};

  void Add(absl::string_view code) {
    const auto at = std::find(kCodes.begin(), kCodes.end() - 1,
                              code.empty() ? kCodes.front() : code);
    counts_[static_cast<size_t>(at - kCodes.begin())].Add();
  }

  // Of kCodes[i].
  int64_t count(size_t i) const { return counts_[i].value(); }

 private:
  std::array<EventCount, kCodes.size()> counts_;
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_SQLSTATE_METERS_H_
