#ifndef BUDGET_DOMAIN_SHOWN_H_
#define BUDGET_DOMAIN_SHOWN_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "server/domain/catalog.h"
#include "server/domain/ledger_entry.h"
#include "server/domain/outcome.h"

namespace budget {

// What is shown to a caller who sees a part of the tree only. Limits above
// that part apply to its calls as any other, so it is told which of them said
// no, what would have fitted, what is left and when to come again: all that it
// could find out by trying. Cap, spent, reserved, overage and the thresholds
// that were crossed are the business of others and are left out. Pure.

// Whether the caller sees the allocation at a path.
using Sees = absl::FunctionRef<bool(absl::string_view path)>;

void HideForeign(Sees sees, const Catalog& catalog,
                 std::vector<LimitReading>& readings);
void HideForeign(Sees sees, const Catalog& catalog, Outcome& outcome);
// Of an adjusted balance, from what to what it moved the limits above.
void HideForeign(Sees sees, const Catalog& catalog, LedgerEntry& entry);

}  // namespace budget

#endif  // BUDGET_DOMAIN_SHOWN_H_
