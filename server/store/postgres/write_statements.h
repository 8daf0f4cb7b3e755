#ifndef BUDGET_STORE_POSTGRES_WRITE_STATEMENTS_H_
#define BUDGET_STORE_POSTGRES_WRITE_STATEMENTS_H_

#include "server/store/postgres/few.h"
#include "server/store/postgres/flight.h"
#include "server/store/postgres/row_array.h"

// Every write of a transaction. $1 is an array of the row type, one element
// for each row.
//
// An UPDATE that does not find all of its rows must not be committed, and COMMIT
// travels in the same flight: $2 is how many it must find, and any other number
// ends in a division by zero.
#define BUDGET_MUST_WRITE(update)                   \
  "WITH written AS (" update                        \
  " RETURNING 1) SELECT 1 / (count(*) = $2::bigint)::int FROM written"

namespace budget {

inline constexpr RowType kRootRow = {"root_row", 9};
inline constexpr RowType kAllocationRow = {"allocation_row", 16};
inline constexpr RowType kLimitRow = {"limit_row", 12};
inline constexpr RowType kCounterRow = {"counter_row", 14};
inline constexpr RowType kReservationRow = {"owned_reservation_row", 39};
inline constexpr RowType kReservationChange = {"reservation_change", 20};
inline constexpr RowType kLedgerRow = {"ledger_row", 24};
inline constexpr RowType kRequestRow = {"request_row", 5};
inline constexpr RowType kPriceRow = {"price_row", 4};

inline constexpr Statement kInsertRoots = {
    "insert_roots",
    "INSERT INTO budget.roots (root, last_sequence, last_time, "
    "  last_allocation, last_limit, price_version, next_due, "
    "  catalog_sequence) "
    "SELECT d.root, d.last_sequence, d.last_time, d.last_allocation, "
    "  d.last_limit, d.price_version, d.next_due, d.catalog_sequence "
    "FROM unnest($1::budget.root_row[]) AS d"};

// The old sequence must still be there: nobody else has written this root.
inline constexpr Statement kUpdateRoots = {
    "update_roots",
    BUDGET_MUST_WRITE(
        "UPDATE budget.roots AS x SET last_sequence = d.last_sequence, "
        "  last_time = d.last_time, last_allocation = d.last_allocation, "
        "  last_limit = d.last_limit, price_version = d.price_version, "
        "  next_due = d.next_due, catalog_sequence = d.catalog_sequence "
        "FROM " BUDGET_FEW("$1::budget.root_row[]", "$1") " AS d "
        "WHERE x.root = d.root AND x.last_sequence = d.old_sequence")};

// Locks the same rows as a lost commit would have: once this is durable and
// replicated, so is what came before it.
inline constexpr Statement kBarrier = {
    "barrier",
    "UPDATE budget.roots AS x SET last_sequence = x.last_sequence "
    "FROM " BUDGET_FEW("$1::text[]", "$1") " AS d(root) WHERE x.root = d.root"};

inline constexpr Statement kInsertAllocations = {
    "insert_allocations",
    "INSERT INTO budget.allocations (root, allocation_id, path, "
    "  display_name, labels, on_expiry, overage, unpriced, "
    "  unpriced_charge_usd_nanos, held_denial, frozen, freeze_reason, "
    "  archived, version, created_at, updated_at) "
    "SELECT d.* FROM unnest($1::budget.allocation_row[]) AS d"};

inline constexpr Statement kUpdateAllocations = {
    "update_allocations",
    BUDGET_MUST_WRITE(
        "UPDATE budget.allocations AS x SET display_name = d.display_name, "
        "  labels = d.labels, on_expiry = d.on_expiry, overage = d.overage, "
        "  unpriced = d.unpriced, "
        "  unpriced_charge_usd_nanos = d.unpriced_charge_usd_nanos, "
        "  held_denial = d.held_denial, frozen = d.frozen, "
        "  freeze_reason = d.freeze_reason, archived = d.archived, "
        "  version = d.version, updated_at = d.updated_at "
        "FROM " BUDGET_FEW("$1::budget.allocation_row[]", "$1") " AS d "
        "WHERE x.root = d.root AND x.allocation_id = d.allocation_id "
        "  AND x.path = d.path")};

inline constexpr Statement kInsertLimits = {
    "insert_limits",
    "INSERT INTO budget.limits (root, limit_id, allocation_id, name, unit, "
    "  window_kind, calendar_period, calendar_zone, rolling_seconds, cap, "
    "  warn_percent, removed) "
    "SELECT d.* FROM unnest($1::budget.limit_row[]) AS d"};

inline constexpr Statement kUpdateLimits = {
    "update_limits",
    BUDGET_MUST_WRITE(
        "UPDATE budget.limits AS x SET cap = d.cap, "
        "  warn_percent = d.warn_percent, removed = d.removed "
        "FROM " BUDGET_FEW("$1::budget.limit_row[]", "$1") " AS d "
        "WHERE x.root = d.root AND x.limit_id = d.limit_id")};

// The caps of limits that exist and were changed, in all their windows: $1 are
// the rows of kUpdateLimits.
inline constexpr Statement kSyncCaps = {
    "sync_caps",
    "UPDATE budget.counters AS x SET cap = l.cap, "
    "  ceiling = greatest(coalesce(l.cap, 2305843009213693952), "
    "    x.spent + x.reserved) "
    "FROM (SELECT d.root, d.limit_id, "
    "    CASE WHEN d.removed THEN NULL ELSE d.cap END AS cap "
    "  FROM " BUDGET_FEW("$1::budget.limit_row[]", "$1") " AS d) l "
    "WHERE x.root = l.root AND x.limit_id = l.limit_id "
    "  AND x.cap IS DISTINCT FROM l.cap"};

inline constexpr Statement kInsertRequests = {
    "insert_requests",
    "INSERT INTO budget.admin_requests (root, request, kind, fingerprint, at) "
    "SELECT d.* FROM unnest($1::budget.request_row[]) AS d"};

inline constexpr Statement kInsertPrices = {
    "insert_prices",
    "INSERT INTO budget.prices (root, version, model, meters) "
    "SELECT d.* FROM unnest($1::budget.price_row[]) AS d"};

// The cap is the limit's, not the caller's. Only where an administrator has
// changed the limit may a counter begin above it.
inline constexpr Statement kInsertCounters = {
    "insert_counters",
    BUDGET_MUST_WRITE(
        "INSERT INTO budget.counters (root, limit_id, window_key, spent, "
        "  reserved, overage, unpriced, bucket_numbers, bucket_spent, "
        "  bucket_reserved, bucket_overage, bucket_unpriced, as_of, cap, "
        "  ceiling) "
        "SELECT d.root, d.limit_id, d.window_key, d.spent, d.reserved, "
        "  d.overage, d.unpriced, d.bucket_numbers, d.bucket_spent, "
        "  d.bucket_reserved, d.bucket_overage, d.bucket_unpriced, d.as_of, "
        "  l.cap, CASE WHEN d.reset "
        "    THEN greatest(coalesce(l.cap, 2305843009213693952), "
        "      d.spent + d.reserved) "
        "    ELSE coalesce(l.cap, 2305843009213693952) END "
        "FROM " BUDGET_FEW("$1::budget.counter_row[]", "$1") " AS d "
        "JOIN (SELECT y.root, y.limit_id, "
        "    CASE WHEN y.removed THEN NULL ELSE y.cap END AS cap "
        "  FROM budget.limits y) l "
        "ON l.root = d.root AND l.limit_id = d.limit_id")};

// Deltas, and never the cap: above the cap, usage may only fall.
inline constexpr Statement kMoveCounters = {
    "move_counters",
    BUDGET_MUST_WRITE(
        "UPDATE budget.counters AS x SET spent = x.spent + d.spent, "
        "  reserved = x.reserved + d.reserved, "
        "  overage = x.overage + d.overage, "
        "  unpriced = x.unpriced + d.unpriced, "
        "  ceiling = greatest(coalesce(x.cap, 2305843009213693952), "
        "    least(x.ceiling, x.spent + d.spent + x.reserved + d.reserved)), "
        "  bucket_numbers = d.bucket_numbers, bucket_spent = d.bucket_spent, "
        "  bucket_reserved = d.bucket_reserved, "
        "  bucket_overage = d.bucket_overage, "
        "  bucket_unpriced = d.bucket_unpriced, as_of = d.as_of "
        "FROM " BUDGET_FEW("$1::budget.counter_row[]", "$1") " AS d "
        "WHERE x.root = d.root AND x.limit_id = d.limit_id "
        "  AND x.window_key = d.window_key")};

// For limits that were changed in this transaction: takes over the new cap,
// which may be below the usage.
inline constexpr Statement kResetCounters = {
    "reset_counters",
    BUDGET_MUST_WRITE(
        "UPDATE budget.counters AS x SET spent = x.spent + d.spent, "
        "  reserved = x.reserved + d.reserved, "
        "  overage = x.overage + d.overage, "
        "  unpriced = x.unpriced + d.unpriced, cap = l.cap, "
        "  ceiling = greatest(coalesce(l.cap, 2305843009213693952), "
        "    x.spent + d.spent + x.reserved + d.reserved), "
        "  bucket_numbers = d.bucket_numbers, bucket_spent = d.bucket_spent, "
        "  bucket_reserved = d.bucket_reserved, "
        "  bucket_overage = d.bucket_overage, "
        "  bucket_unpriced = d.bucket_unpriced, as_of = d.as_of "
        "FROM " BUDGET_FEW("$1::budget.counter_row[]", "$1") " AS d "
        "JOIN (SELECT y.root, y.limit_id, "
        "    CASE WHEN y.removed THEN NULL ELSE y.cap END AS cap "
        "  FROM budget.limits y) l "
        "ON l.root = d.root AND l.limit_id = d.limit_id "
        "WHERE x.root = d.root AND x.limit_id = d.limit_id "
        "  AND x.window_key = d.window_key")};

inline constexpr Statement kInsertReservations = {
    "insert_reservations",
    "INSERT INTO budget.reservations (root, id, state, created_at, "
    "  expires_at, ended_at, allocation_ids, pin_limits, pin_windows, "
    "  held_usd_nanos, held_tokens, held_requests, spent_usd_nanos, "
    "  spent_tokens, spent_requests, overage_usd_nanos, overage_tokens, "
    "  overage_requests, reported, usage_final, settled_late, unpriced, "
    "  requested, granted, on_expiry, price_version, crossed_limits, "
    "  crossed_percents, reserve_sequence, asked_origin, asked_amounts, "
    "  asked_minimum, asked_ttl_micros, asked_tags, asked_on_expiry, "
    "  asked_usd_unknown, asked_model, asked_meters, owner) "
    "SELECT d.* FROM unnest($1::budget.owned_reservation_row[]) AS d"};

inline constexpr Statement kUpdateReservations = {
    "update_reservations",
    BUDGET_MUST_WRITE(
        "UPDATE budget.reservations AS x SET state = d.state, "
        "  expires_at = d.expires_at, ended_at = d.ended_at, "
        "  pin_limits = d.pin_limits, pin_windows = d.pin_windows, "
        "  held_usd_nanos = d.held_usd_nanos, held_tokens = d.held_tokens, "
        "  held_requests = d.held_requests, "
        "  spent_usd_nanos = d.spent_usd_nanos, "
        "  spent_tokens = d.spent_tokens, spent_requests = d.spent_requests, "
        "  overage_usd_nanos = d.overage_usd_nanos, "
        "  overage_tokens = d.overage_tokens, "
        "  overage_requests = d.overage_requests, reported = d.reported, "
        "  usage_final = d.usage_final, settled_late = d.settled_late, "
        "  unpriced = d.unpriced "
        "FROM " BUDGET_FEW("$1::budget.reservation_change[]", "$1") " AS d "
        "WHERE x.root = d.root AND x.id = d.id")};

inline constexpr Statement kInsertLedger = {
    "insert_ledger",
    "INSERT INTO budget.ledger (root, sequence, at, kind, reservation, "
    "  allocations, admitted_at, pin_limits, pin_windows, spent_usd_nanos, "
    "  spent_tokens, spent_requests, reserved_usd_nanos, reserved_tokens, "
    "  reserved_requests, overage_usd_nanos, overage_tokens, "
    "  overage_requests, unpriced, cap_limits, cap_values, actor, request, "
    "  detail) "
    "SELECT d.* FROM unnest($1::budget.ledger_row[]) AS d"};

}  // namespace budget

#undef BUDGET_MUST_WRITE

#endif  // BUDGET_STORE_POSTGRES_WRITE_STATEMENTS_H_
