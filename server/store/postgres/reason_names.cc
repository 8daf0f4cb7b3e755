#include "server/store/postgres/reason_names.h"

namespace budget {

Reason ReasonFromName(absl::string_view name) {
  constexpr int kLast = static_cast<int>(Reason::kInvariantBroken);
  for (int i = 0; i <= kLast; ++i) {
    const auto reason = static_cast<Reason>(i);
    if (ReasonName(reason) == name) return reason;
  }
  return Reason::kInvalidField;
}

}  // namespace budget
