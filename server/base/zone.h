#ifndef BUDGET_BASE_ZONE_H_
#define BUDGET_BASE_ZONE_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace budget {

// The IANA time zone of that name, such as "Europe/Berlin", from the system's
// zone database; nullopt if it has none. Loads each zone once. Thread-safe.
std::optional<absl::TimeZone> FindZone(absl::string_view name);

}  // namespace budget

#endif  // BUDGET_BASE_ZONE_H_
