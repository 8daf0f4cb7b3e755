#ifndef BUDGET_DOMAIN_REFUSAL_H_
#define BUDGET_DOMAIN_REFUSAL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/domain/catalog.h"
#include "server/domain/outcome.h"

namespace budget {

// Refusals that several operations give, with their wording.

Refusal AllocationNotFound(absl::string_view path);
Refusal ReservationNotFound(const Uuid& id);
Refusal LimitNotFound(absl::string_view path, absl::string_view limit);
Refusal InvalidField(absl::string_view field, absl::string_view problem);
Refusal Mismatch(const Uuid& id, absl::string_view field);
// The id is of a reservation that the caller may not touch: nothing is said
// about it but that another id is needed.
Refusal IdTaken(const Uuid& id);
Refusal Archived(const Allocation& allocation);
Refusal Frozen(const Allocation& allocation);
Refusal CounterOverflow(Unit unit);

// What a denial says of the limit that it names; figures that are hidden are
// left out.
std::string NoRoomText(const Violation& violation, const Catalog& catalog);

}  // namespace budget

#endif  // BUDGET_DOMAIN_REFUSAL_H_
