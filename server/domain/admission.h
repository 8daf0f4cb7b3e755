#ifndef BUDGET_DOMAIN_ADMISSION_H_
#define BUDGET_DOMAIN_ADMISSION_H_

#include <optional>

#include "server/base/shared.h"
#include "server/domain/books.h"
#include "server/domain/outcome.h"

namespace budget {

// Why a new id cannot be taken: it may have been used and archived, or it
// would not be recognised as old when it is.
std::optional<Refusal> CheckIdAge(const Uuid& id, const Books& books);

// What a hold wants: at least `least`, at best `wanted` (unit by unit).
struct Want {
  Amounts wanted;
  Amounts least;
};

// THE admission rule. Every limit of `pins` must take `want.least`, or nothing
// is granted and every limit that does not is listed. Grants the largest
// amounts up to `want.wanted` that fit every limit.
std::optional<Refusal> Admit(const SharedList<Pin>& pins, const Want& want,
                             Books& books, Amounts& granted);

}  // namespace budget

#endif  // BUDGET_DOMAIN_ADMISSION_H_
