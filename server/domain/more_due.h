#ifndef BUDGET_DOMAIN_MORE_DUE_H_
#define BUDGET_DOMAIN_MORE_DUE_H_

#include <vector>

#include "absl/types/span.h"
#include "server/domain/operation.h"
#include "server/domain/outcome.h"
#include "server/domain/working_set.h"

namespace budget {

// Whether the outcomes stand although more was due than `set` had loaded. What
// has expired and is not ended yet only takes up room, and may charge what it
// held when it is ended. So whoever got all that was asked for would have got
// it anyway, who gave up room needs none, and what does not fit beside what is
// spent will not fit then either. Everything else may depend on it. Readings,
// the figures of a denial among them, may count what has expired; they decide
// nothing. Pure; thread-safe.
bool StandWithMoreDue(absl::Span<const Operation* const> operations,
                      const std::vector<Outcome>& outcomes,
                      const WorkingSet& set);

}  // namespace budget

#endif  // BUDGET_DOMAIN_MORE_DUE_H_
