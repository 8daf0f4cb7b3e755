#ifndef BUDGET_STORE_POSTGRES_WRITE_STATEMENTS_H_
#define BUDGET_STORE_POSTGRES_WRITE_STATEMENTS_H_

#include "server/store/postgres/session.h"

// Every write of a transaction: one array for each column, one row for each
// element, RETURNING so that the rows can be counted.
namespace budget {

inline constexpr Statement kInsertRoots = {
    "insert_roots",
    "INSERT INTO budget.roots (root, last_sequence, last_time, "
    "last_allocation, last_limit, price_version, next_due) SELECT "
    "d.root, d.last_sequence, d.last_time, d.last_allocation, "
    "d.last_limit, d.price_version, d.next_due FROM unnest($1::text[], "
    "$2::bigint[], $3::timestamptz[], $4::int[], $5::int[], "
    "$6::bigint[], $7::timestamptz[]) AS d(root, last_sequence, "
    "last_time, last_allocation, last_limit, price_version, next_due) "
    "RETURNING 1"};

// The old sequence must still be there: nobody else has written this root.
inline constexpr Statement kUpdateRoots = {
    "update_roots",
    "UPDATE budget.roots AS x SET last_sequence = d.last_sequence, "
    "last_time = d.last_time, last_allocation = d.last_allocation, "
    "last_limit = d.last_limit, price_version = d.price_version, "
    "next_due = d.next_due FROM unnest($1::text[], $2::bigint[], "
    "$3::timestamptz[], $4::int[], $5::int[], $6::bigint[], "
    "$7::timestamptz[], $8::bigint[]) AS d(root, last_sequence, "
    "last_time, last_allocation, last_limit, price_version, next_due, "
    "old_sequence) WHERE x.root = d.root AND x.last_sequence = "
    "d.old_sequence RETURNING 1"};

inline constexpr Statement kInsertAllocations = {
    "insert_allocations",
    "INSERT INTO budget.allocations (root, allocation_id, path, "
    "display_name, labels, on_expiry, overage, unpriced, "
    "unpriced_charge_usd_nanos, held_denial, frozen, freeze_reason, "
    "archived, version, created_at, updated_at) SELECT d.root, "
    "d.allocation_id, d.path, d.display_name, d.labels::jsonb, "
    "d.on_expiry, d.overage, d.unpriced, d.unpriced_charge_usd_nanos, "
    "d.held_denial, d.frozen, d.freeze_reason, d.archived, d.version, "
    "d.created_at, d.updated_at FROM unnest($1::text[], $2::int[], "
    "$3::text[], $4::text[], $5::text[], $6::smallint[], $7::smallint[], "
    "$8::smallint[], $9::bigint[], $10::smallint[], $11::bool[], "
    "$12::text[], $13::bool[], $14::bigint[], $15::timestamptz[], "
    "$16::timestamptz[]) AS d(root, allocation_id, path, display_name, "
    "labels, on_expiry, overage, unpriced, unpriced_charge_usd_nanos, "
    "held_denial, frozen, freeze_reason, archived, version, created_at, "
    "updated_at) RETURNING 1"};

inline constexpr Statement kUpdateAllocations = {
    "update_allocations",
    "UPDATE budget.allocations AS x SET display_name = d.display_name, "
    "labels = d.labels::jsonb, on_expiry = d.on_expiry, overage = "
    "d.overage, unpriced = d.unpriced, unpriced_charge_usd_nanos = "
    "d.unpriced_charge_usd_nanos, held_denial = d.held_denial, frozen = "
    "d.frozen, freeze_reason = d.freeze_reason, archived = d.archived, "
    "version = d.version, updated_at = d.updated_at FROM "
    "unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], "
    "$6::smallint[], $7::smallint[], $8::smallint[], $9::bigint[], "
    "$10::smallint[], $11::bool[], $12::text[], $13::bool[], "
    "$14::bigint[], $15::timestamptz[], $16::timestamptz[]) AS d(root, "
    "allocation_id, path, display_name, labels, on_expiry, overage, "
    "unpriced, unpriced_charge_usd_nanos, held_denial, frozen, "
    "freeze_reason, archived, version, created_at, updated_at) WHERE "
    "x.root = d.root AND x.allocation_id = d.allocation_id AND x.path = "
    "d.path RETURNING 1"};

inline constexpr Statement kInsertLimits = {
    "insert_limits",
    "INSERT INTO budget.limits (root, limit_id, allocation_id, name, "
    "unit, window_kind, calendar_period, calendar_zone, rolling_seconds, "
    "cap, warn_percent, removed) SELECT d.root, d.limit_id, "
    "d.allocation_id, d.name, d.unit, d.window_kind, d.calendar_period, "
    "d.calendar_zone, d.rolling_seconds, d.cap, d.warn_percent::int[], "
    "d.removed FROM unnest($1::text[], $2::int[], $3::int[], $4::text[], "
    "$5::smallint[], $6::smallint[], $7::smallint[], $8::text[], "
    "$9::bigint[], $10::bigint[], $11::text[], $12::bool[]) AS d(root, "
    "limit_id, allocation_id, name, unit, window_kind, calendar_period, "
    "calendar_zone, rolling_seconds, cap, warn_percent, removed) "
    "RETURNING 1"};

inline constexpr Statement kUpdateLimits = {
    "update_limits",
    "UPDATE budget.limits AS x SET cap = d.cap, warn_percent = "
    "d.warn_percent::int[], removed = d.removed FROM unnest($1::text[], "
    "$2::int[], $3::bigint[], $4::text[], $5::bool[]) AS d(root, "
    "limit_id, cap, warn_percent, removed) WHERE x.root = d.root AND "
    "x.limit_id = d.limit_id RETURNING 1"};

inline constexpr Statement kInsertRequests = {
    "insert_requests",
    "INSERT INTO budget.admin_requests (root, request, kind, "
    "fingerprint, at) SELECT d.root, d.request, d.kind, "
    "d.fingerprint::bytea, d.at FROM unnest($1::text[], $2::uuid[], "
    "$3::smallint[], $4::text[], $5::timestamptz[]) AS d(root, request, "
    "kind, fingerprint, at) RETURNING 1"};

inline constexpr Statement kInsertPrices = {
    "insert_prices",
    "INSERT INTO budget.prices (root, version, model, meters) SELECT "
    "d.root, d.version, d.model, d.meters::jsonb FROM unnest($1::text[], "
    "$2::bigint[], $3::text[], $4::text[]) AS d(root, version, model, "
    "meters) RETURNING 1"};

// The caps of limits that exist and were changed, in all their windows.
inline constexpr Statement kSyncCaps = {
    "sync_caps",
    "UPDATE budget.counters AS x SET cap = l.cap, ceiling = "
    "greatest(coalesce(l.cap, 2305843009213693952), x.spent + "
    "x.reserved) FROM unnest($1::text[], $2::int[]) AS d(root, limit_id) "
    "JOIN (SELECT y.root, y.limit_id, CASE WHEN y.removed THEN NULL ELSE "
    "y.cap END AS cap FROM budget.limits y) l ON l.root = d.root AND "
    "l.limit_id = d.limit_id WHERE x.root = d.root AND x.limit_id = "
    "d.limit_id AND x.cap IS DISTINCT FROM l.cap"};

// The cap is the limit's, not the caller's. Only where an administrator has
// changed the limit may a counter begin above it.
inline constexpr Statement kInsertCounters = {
    "insert_counters",
    "INSERT INTO budget.counters (root, limit_id, window_key, spent, "
    "reserved, overage, unpriced, bucket_numbers, bucket_spent, "
    "bucket_reserved, bucket_overage, bucket_unpriced, as_of, cap, "
    "ceiling) SELECT d.root, d.limit_id, d.window_key, d.spent, "
    "d.reserved, d.overage, d.unpriced, d.bucket_numbers::bigint[], "
    "d.bucket_spent::bigint[], d.bucket_reserved::bigint[], "
    "d.bucket_overage::bigint[], d.bucket_unpriced::bigint[], d.as_of, "
    "l.cap, CASE WHEN d.reset THEN greatest(coalesce(l.cap, "
    "2305843009213693952), d.spent + d.reserved) ELSE coalesce(l.cap, "
    "2305843009213693952) END FROM unnest($1::text[], $2::int[], "
    "$3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], "
    "$7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], "
    "$12::text[], $13::timestamptz[], $14::bool[]) AS d(root, limit_id, "
    "window_key, spent, reserved, overage, unpriced, bucket_numbers, "
    "bucket_spent, bucket_reserved, bucket_overage, bucket_unpriced, "
    "as_of, reset) JOIN (SELECT y.root, y.limit_id, CASE WHEN y.removed "
    "THEN NULL ELSE y.cap END AS cap FROM budget.limits y) l ON l.root = "
    "d.root AND l.limit_id = d.limit_id RETURNING 1"};

// Deltas, and never the cap: above the cap, usage may only fall.
inline constexpr Statement kMoveCounters = {
    "move_counters",
    "UPDATE budget.counters AS x SET spent = x.spent + d.spent, reserved "
    "= x.reserved + d.reserved, overage = x.overage + d.overage, "
    "unpriced = x.unpriced + d.unpriced, ceiling = "
    "greatest(coalesce(x.cap, 2305843009213693952), least(x.ceiling, "
    "x.spent + d.spent + x.reserved + d.reserved)), bucket_numbers = "
    "d.bucket_numbers::bigint[], bucket_spent = "
    "d.bucket_spent::bigint[], bucket_reserved = "
    "d.bucket_reserved::bigint[], bucket_overage = "
    "d.bucket_overage::bigint[], bucket_unpriced = "
    "d.bucket_unpriced::bigint[], as_of = d.as_of FROM "
    "unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], "
    "$5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], "
    "$10::text[], $11::text[], $12::text[], $13::timestamptz[]) AS "
    "d(root, limit_id, window_key, spent, reserved, overage, unpriced, "
    "bucket_numbers, bucket_spent, bucket_reserved, bucket_overage, "
    "bucket_unpriced, as_of) WHERE x.root = d.root AND x.limit_id = "
    "d.limit_id AND x.window_key = d.window_key RETURNING 1"};

// For limits that were changed in this transaction: takes over the new cap,
// which may be below the usage.
inline constexpr Statement kResetCounters = {
    "reset_counters",
    "UPDATE budget.counters AS x SET spent = x.spent + d.spent, reserved "
    "= x.reserved + d.reserved, overage = x.overage + d.overage, "
    "unpriced = x.unpriced + d.unpriced, cap = l.cap, ceiling = "
    "greatest(coalesce(l.cap, 2305843009213693952), x.spent + d.spent + "
    "x.reserved + d.reserved), bucket_numbers = "
    "d.bucket_numbers::bigint[], bucket_spent = "
    "d.bucket_spent::bigint[], bucket_reserved = "
    "d.bucket_reserved::bigint[], bucket_overage = "
    "d.bucket_overage::bigint[], bucket_unpriced = "
    "d.bucket_unpriced::bigint[], as_of = d.as_of FROM "
    "unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], "
    "$5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], "
    "$10::text[], $11::text[], $12::text[], $13::timestamptz[]) AS "
    "d(root, limit_id, window_key, spent, reserved, overage, unpriced, "
    "bucket_numbers, bucket_spent, bucket_reserved, bucket_overage, "
    "bucket_unpriced, as_of) JOIN (SELECT y.root, y.limit_id, CASE WHEN "
    "y.removed THEN NULL ELSE y.cap END AS cap FROM budget.limits y) l "
    "ON l.root = d.root AND l.limit_id = d.limit_id WHERE x.root = "
    "d.root AND x.limit_id = d.limit_id AND x.window_key = d.window_key "
    "RETURNING 1"};

inline constexpr Statement kInsertReservations = {
    "insert_reservations",
    "INSERT INTO budget.reservations (root, id, state, created_at, "
    "expires_at, ended_at, allocation_ids, pin_limits, pin_windows, "
    "held_usd_nanos, held_tokens, held_requests, spent_usd_nanos, "
    "spent_tokens, spent_requests, overage_usd_nanos, overage_tokens, "
    "overage_requests, reported, usage_final, settled_late, unpriced, "
    "requested, granted, on_expiry, price_version, crossed_limits, "
    "crossed_percents, reserve_sequence, asked_origin, asked_amounts, "
    "asked_minimum, asked_ttl_micros, asked_tags, asked_on_expiry, "
    "asked_usd_unknown, asked_model, asked_meters) SELECT d.root, d.id, "
    "d.state, d.created_at, d.expires_at, d.ended_at, "
    "d.allocation_ids::int[], d.pin_limits::int[], "
    "d.pin_windows::bigint[], d.held_usd_nanos, d.held_tokens, "
    "d.held_requests, d.spent_usd_nanos, d.spent_tokens, "
    "d.spent_requests, d.overage_usd_nanos, d.overage_tokens, "
    "d.overage_requests, d.reported::bigint[], d.usage_final, "
    "d.settled_late, d.unpriced, d.requested::bigint[], "
    "d.granted::bigint[], d.on_expiry, d.price_version, "
    "d.crossed_limits::int[], d.crossed_percents::int[], "
    "d.reserve_sequence, d.asked_origin, d.asked_amounts::bigint[], "
    "d.asked_minimum::bigint[], d.asked_ttl_micros, d.asked_tags::jsonb, "
    "d.asked_on_expiry, d.asked_usd_unknown, d.asked_model, "
    "d.asked_meters::jsonb FROM unnest($1::text[], $2::uuid[], "
    "$3::smallint[], $4::timestamptz[], $5::timestamptz[], "
    "$6::timestamptz[], $7::text[], $8::text[], $9::text[], "
    "$10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], "
    "$14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], "
    "$18::bigint[], $19::text[], $20::bool[], $21::bool[], $22::bool[], "
    "$23::text[], $24::text[], $25::smallint[], $26::bigint[], "
    "$27::text[], $28::text[], $29::bigint[], $30::smallint[], "
    "$31::text[], $32::text[], $33::bigint[], $34::text[], "
    "$35::smallint[], $36::bool[], $37::text[], $38::text[]) AS d(root, "
    "id, state, created_at, expires_at, ended_at, allocation_ids, "
    "pin_limits, pin_windows, held_usd_nanos, held_tokens, "
    "held_requests, spent_usd_nanos, spent_tokens, spent_requests, "
    "overage_usd_nanos, overage_tokens, overage_requests, reported, "
    "usage_final, settled_late, unpriced, requested, granted, on_expiry, "
    "price_version, crossed_limits, crossed_percents, reserve_sequence, "
    "asked_origin, asked_amounts, asked_minimum, asked_ttl_micros, "
    "asked_tags, asked_on_expiry, asked_usd_unknown, asked_model, "
    "asked_meters) RETURNING 1"};

inline constexpr Statement kUpdateReservations = {
    "update_reservations",
    "UPDATE budget.reservations AS x SET state = d.state, expires_at = "
    "d.expires_at, ended_at = d.ended_at, pin_limits = "
    "d.pin_limits::int[], pin_windows = d.pin_windows::bigint[], "
    "held_usd_nanos = d.held_usd_nanos, held_tokens = d.held_tokens, "
    "held_requests = d.held_requests, spent_usd_nanos = "
    "d.spent_usd_nanos, spent_tokens = d.spent_tokens, spent_requests = "
    "d.spent_requests, overage_usd_nanos = d.overage_usd_nanos, "
    "overage_tokens = d.overage_tokens, overage_requests = "
    "d.overage_requests, reported = d.reported::bigint[], usage_final = "
    "d.usage_final, settled_late = d.settled_late, unpriced = d.unpriced "
    "FROM unnest($1::text[], $2::uuid[], $3::smallint[], "
    "$4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[], "
    "$8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], "
    "$12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], "
    "$16::bigint[], $17::text[], $18::bool[], $19::bool[], $20::bool[]) "
    "AS d(root, id, state, expires_at, ended_at, pin_limits, "
    "pin_windows, held_usd_nanos, held_tokens, held_requests, "
    "spent_usd_nanos, spent_tokens, spent_requests, overage_usd_nanos, "
    "overage_tokens, overage_requests, reported, usage_final, "
    "settled_late, unpriced) WHERE x.root = d.root AND x.id = d.id "
    "RETURNING 1"};

inline constexpr Statement kInsertLedger = {
    "insert_ledger",
    "INSERT INTO budget.ledger (root, sequence, at, kind, reservation, "
    "allocations, admitted_at, pin_limits, pin_windows, spent_usd_nanos, "
    "spent_tokens, spent_requests, reserved_usd_nanos, reserved_tokens, "
    "reserved_requests, overage_usd_nanos, overage_tokens, "
    "overage_requests, unpriced, cap_limits, cap_values, actor, request, "
    "detail) SELECT d.root, d.sequence, d.at, d.kind, d.reservation, "
    "d.allocations::int[], d.admitted_at, d.pin_limits::int[], "
    "d.pin_windows::bigint[], d.spent_usd_nanos, d.spent_tokens, "
    "d.spent_requests, d.reserved_usd_nanos, d.reserved_tokens, "
    "d.reserved_requests, d.overage_usd_nanos, d.overage_tokens, "
    "d.overage_requests, d.unpriced, d.cap_limits::int[], "
    "d.cap_values::bigint[], d.actor, d.request, d.detail::jsonb FROM "
    "unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::smallint[], "
    "$5::uuid[], $6::text[], $7::timestamptz[], $8::text[], $9::text[], "
    "$10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], "
    "$14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], "
    "$18::bigint[], $19::bigint[], $20::text[], $21::text[], "
    "$22::text[], $23::uuid[], $24::text[]) AS d(root, sequence, at, "
    "kind, reservation, allocations, admitted_at, pin_limits, "
    "pin_windows, spent_usd_nanos, spent_tokens, spent_requests, "
    "reserved_usd_nanos, reserved_tokens, reserved_requests, "
    "overage_usd_nanos, overage_tokens, overage_requests, unpriced, "
    "cap_limits, cap_values, actor, request, detail) RETURNING 1"};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_WRITE_STATEMENTS_H_
