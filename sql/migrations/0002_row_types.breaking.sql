-- What the service writes travels as arrays of these types, one parameter for
-- each statement. A type never changes: a later release that writes other
-- columns brings another type, so that both can run side by side.

CREATE TYPE budget.root_row AS (
  root text, last_sequence bigint, last_time timestamptz,
  last_allocation integer, last_limit integer, price_version bigint,
  next_due timestamptz, catalog_sequence bigint,
  old_sequence bigint  -- what must be there; ignored by an INSERT
);

CREATE TYPE budget.allocation_row AS (
  root text, allocation_id integer, path text, display_name text,
  labels jsonb, on_expiry smallint, overage smallint, unpriced smallint,
  unpriced_charge_usd_nanos bigint, held_denial smallint, frozen boolean,
  freeze_reason text, archived boolean, version bigint,
  created_at timestamptz, updated_at timestamptz
);

CREATE TYPE budget.limit_row AS (
  root text, limit_id integer, allocation_id integer, name text,
  unit smallint, window_kind smallint, calendar_period smallint,
  calendar_zone text, rolling_seconds bigint, cap bigint,
  warn_percent integer[], removed boolean
);

-- Changes of the four sums, the buckets as they are then.
CREATE TYPE budget.counter_row AS (
  root text, limit_id integer, window_key bigint,
  spent bigint, reserved bigint, overage bigint, unpriced bigint,
  bucket_numbers bigint[], bucket_spent bigint[], bucket_reserved bigint[],
  bucket_overage bigint[], bucket_unpriced bigint[], as_of timestamptz,
  reset boolean  -- the limit was changed: the counter takes over its cap
);

CREATE TYPE budget.reservation_row AS (
  root text, id uuid, state smallint, created_at timestamptz,
  expires_at timestamptz, ended_at timestamptz, allocation_ids integer[],
  pin_limits integer[], pin_windows bigint[],
  held_usd_nanos bigint, held_tokens bigint, held_requests bigint,
  spent_usd_nanos bigint, spent_tokens bigint, spent_requests bigint,
  overage_usd_nanos bigint, overage_tokens bigint, overage_requests bigint,
  reported bigint[], usage_final boolean, settled_late boolean,
  unpriced boolean, requested bigint[], granted bigint[], on_expiry smallint,
  price_version bigint, crossed_limits integer[], crossed_percents integer[],
  reserve_sequence bigint, asked_origin smallint, asked_amounts bigint[],
  asked_minimum bigint[], asked_ttl_micros bigint, asked_tags jsonb,
  asked_on_expiry smallint, asked_usd_unknown boolean, asked_model text,
  asked_meters jsonb
);

-- What of a reservation can change.
CREATE TYPE budget.reservation_change AS (
  root text, id uuid, state smallint, expires_at timestamptz,
  ended_at timestamptz, pin_limits integer[], pin_windows bigint[],
  held_usd_nanos bigint, held_tokens bigint, held_requests bigint,
  spent_usd_nanos bigint, spent_tokens bigint, spent_requests bigint,
  overage_usd_nanos bigint, overage_tokens bigint, overage_requests bigint,
  reported bigint[], usage_final boolean, settled_late boolean,
  unpriced boolean
);

CREATE TYPE budget.ledger_row AS (
  root text, sequence bigint, at timestamptz, kind smallint,
  reservation uuid, allocations integer[], admitted_at timestamptz,
  pin_limits integer[], pin_windows bigint[],
  spent_usd_nanos bigint, spent_tokens bigint, spent_requests bigint,
  reserved_usd_nanos bigint, reserved_tokens bigint, reserved_requests bigint,
  overage_usd_nanos bigint, overage_tokens bigint, overage_requests bigint,
  unpriced bigint, cap_limits integer[], cap_values bigint[], actor text,
  request uuid, detail jsonb
);

CREATE TYPE budget.request_row AS (
  root text, request uuid, kind smallint, fingerprint bytea, at timestamptz
);

CREATE TYPE budget.price_row AS (
  root text, version bigint, model text, meters jsonb
);

CREATE TYPE budget.reservation_key AS (root text, id uuid);
CREATE TYPE budget.limit_key AS (root text, limit_id integer);
CREATE TYPE budget.counter_key AS (
  root text, limit_id integer, window_key bigint);

-- The ledger sequence of the last change of an allocation or a limit: while it
-- stays the same, what a replica remembers of the catalog is true. A binary
-- that does not know this column would change the catalog behind the others'
-- backs.
ALTER TABLE budget.roots ADD COLUMN catalog_sequence bigint NOT NULL DEFAULT 0;
