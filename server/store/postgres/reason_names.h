#ifndef BUDGET_STORE_POSTGRES_REASON_NAMES_H_
#define BUDGET_STORE_POSTGRES_REASON_NAMES_H_

#include "absl/strings/string_view.h"
#include "server/domain/reason.h"

namespace budget {

// The reason of that ReasonName; kInvalidField if a newer release has written
// one that this binary does not know. Thread-safe.
Reason ReasonFromName(absl::string_view name);

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_REASON_NAMES_H_
