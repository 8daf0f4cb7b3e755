#ifndef BUDGET_STORE_POSTGRES_UPKEEP_H_
#define BUDGET_STORE_POSTGRES_UPKEEP_H_

#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/domain/store.h"
#include "server/store/postgres/session.h"

// Writes that move no money. Each begins and commits a transaction, and throws
// as Session does.
namespace budget::upkeep {

void AddDenials(Session& session, absl::Span<const DenialCount> counts);
int64_t PurgeEnded(Session& session, absl::Duration retention, int max);

}  // namespace budget::upkeep

#endif  // BUDGET_STORE_POSTGRES_UPKEEP_H_
