#ifndef BUDGET_STORE_POSTGRES_READS_H_
#define BUDGET_STORE_POSTGRES_READS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/domain/store.h"
#include "server/store/postgres/session.h"

// The reads of Store, each within the read transaction that `session` is in.
// They throw as Session does.
namespace budget::reads {

Page<Allocation> ListAllocations(Session& session,
                                 const AllocationFilter& filter);
Page<Reservation> ListReservations(Session& session,
                                   const ReservationFilter& filter);
Page<LedgerEntry> ListLedger(Session& session, const LedgerFilter& filter);
Page<DenialCount> ListDenials(Session& session, const DenialFilter& filter);
PriceTable ReadPrices(Session& session, absl::string_view root,
                      int64_t version);
std::vector<std::string> RootsDue(Session& session, int max);
std::map<std::string, int64_t> LastSequences(
    Session& session, absl::Span<const std::string> roots);
std::vector<std::string> Roots(Session& session, absl::string_view after,
                               int max);
OpenHolds ReadOpenHolds(Session& session);
absl::Duration LongestDue(Session& session);
absl::StatusOr<VerifyReport> Verify(Session& session, absl::string_view root,
                                    const KnownElsewhere& elsewhere);

// The whole catalog of a root, removed limits too.
Catalog ReadCatalog(Session& session, const std::string& root);

// The entries of root $1 after $2, at most $3, by kLedgerColumns.
Statement LedgerAfter();

absl::Status NoSuchRoot(absl::string_view root);

// The database clock.
absl::Time ReadClock(Session& session);

}  // namespace budget::reads

#endif  // BUDGET_STORE_POSTGRES_READS_H_
