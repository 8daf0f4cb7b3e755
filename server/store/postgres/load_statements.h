#ifndef BUDGET_STORE_POSTGRES_LOAD_STATEMENTS_H_
#define BUDGET_STORE_POSTGRES_LOAD_STATEMENTS_H_

#include "server/store/postgres/few.h"
#include "server/store/postgres/flight.h"
#include "server/store/postgres/row_array.h"

// The reads of a transaction: each for all roots at once, with the root as the
// first column of what is specific to one.
namespace budget {

inline constexpr RowType kReservationKey = {"reservation_key", 2};
inline constexpr RowType kLimitKey = {"limit_key", 2};
inline constexpr RowType kCounterKey = {"counter_key", 3};

inline constexpr Statement kRoots = {
    "load_roots",
    "SELECT clock_timestamp(), transaction_timestamp(), p.ord, "
    "  x.root IS NOT NULL, x.last_sequence, "
    "  x.last_time, x.last_allocation, x.last_limit, x.price_version, "
    "  x.next_due, x.catalog_sequence "
    "FROM unnest($1::text[]) WITH ORDINALITY AS p(root, ord) "
    "LEFT JOIN LATERAL (SELECT * FROM budget.roots r WHERE r.root = p.root "
    "  LIMIT 1) x ON true"};

// How far what is due may be looked for at $2: where more than $3 reservations,
// ended or not, are on the way, the expiry of the one after these; no row
// elsewhere.
inline constexpr Statement kDueReach = {
    "load_due_reach",
    "SELECT p.root, x.expires_at "
    "FROM " BUDGET_FEW("$1::text[]", "$1") " AS p(root) "
    "JOIN budget.roots r ON r.root = p.root "
    "CROSS JOIN LATERAL ("
    "  SELECT y.expires_at FROM budget.reservations y "
    "  WHERE y.root = r.root AND y.reserve_sequence >= 0 "
    "    AND y.expires_at BETWEEN r.next_due AND $2::timestamptz "
    "  ORDER BY y.expires_at OFFSET $3::bigint LIMIT 1) x"};

// Until when nothing is due after $2: until the first open one among the next
// $3 to expire, or the last of these where all have ended; no row where there
// are none. Looking farther would pass by too many.
inline constexpr Statement kNextDue = {
    "load_next_due",
    "SELECT p.root, n.next_due FROM unnest($1::text[]) AS p(root) "
    "CROSS JOIN LATERAL ("
    "  SELECT coalesce(min(a.expires_at) FILTER (WHERE a.state = 1), "
    "    max(a.expires_at) FILTER (WHERE a.ahead = $3::bigint)) AS next_due "
    "  FROM (SELECT x.expires_at, x.state, row_number() "
    "      OVER (ORDER BY x.expires_at) AS ahead "
    "    FROM budget.reservations x WHERE x.root = p.root "
    "      AND x.reserve_sequence >= 0 AND x.expires_at > $2::timestamptz "
    "    ORDER BY x.expires_at LIMIT $3::bigint) a) n "
    "WHERE n.next_due IS NOT NULL"};

// $3 is the version, NULL for the one in force.
inline constexpr Statement kPrices = {
    "load_prices",
    "SELECT x.root, x.version, x.model, x.meters "
    "FROM " BUDGET_FEW("$1::text[], $2::text[], $3::bigint[]", "$1")
    "  AS p(root, model, version) "
    "JOIN budget.roots r ON r.root = p.root "
    "JOIN budget.prices x ON x.root = p.root "
    "  AND x.version = coalesce(p.version, r.price_version) "
    "  AND x.model = p.model"};

inline constexpr Statement kRequests = {
    "load_requests",
    "SELECT x.root, x.request, x.kind, x.fingerprint "
    "FROM " BUDGET_FEW("$1::text[], $2::uuid[]", "$1") " AS p(root, request) "
    "JOIN budget.admin_requests x ON x.root = p.root "
    "  AND x.request = p.request"};

inline constexpr Statement kChildren = {
    "load_children",
    "SELECT p.root, p.path "
    "FROM " BUDGET_FEW("$1::text[], $2::text[]", "$1") " AS p(root, path) "
    "WHERE EXISTS (SELECT FROM budget.allocations x WHERE x.root = p.root "
    "  AND x.path > p.path || '/' AND x.path < p.path || '0' "
    "  AND NOT x.archived)"};

Statement ReservationsById();

// Open ones that are due at $2, the first $3 of them: a time and a number, or
// NULL for all, for each root.
Statement ReservationsDue();

// Open ones at and under paths that are to get a limit they do not have yet.
Statement ReservationsOpenUnder();

// By path, and the chains of those given by id.
Statement AllocationsAsked();

// In force on given allocations, and given ones.
Statement LimitsAsked();

// Of given limits, each in its latest window.
Statement CountersLatest();

Statement CountersByKey();

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_LOAD_STATEMENTS_H_
