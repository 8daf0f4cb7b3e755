-- Everything of the budget authority. Amounts are int64: USD nanos, tokens or
-- requests, up to 2^61. Enumerations are the numbers in server/domain.

-- One row per root: the head of its ledger.
CREATE TABLE budget.roots (
  root text COLLATE "C" NOT NULL,
  last_sequence bigint NOT NULL,
  last_time timestamptz NOT NULL,
  last_allocation integer NOT NULL,
  last_limit integer NOT NULL,
  price_version bigint NOT NULL,
  -- No open reservation expires before this; NULL: there is none open.
  next_due timestamptz,
  CONSTRAINT roots_pk PRIMARY KEY (root),
  CONSTRAINT roots_non_negative CHECK (
    last_sequence >= 0 AND last_allocation >= 0 AND last_limit >= 0
    AND price_version >= 0)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_threshold = 1000);

-- The budget tree. Rows are never deleted and paths never change.
CREATE TABLE budget.allocations (
  root text COLLATE "C" NOT NULL,
  allocation_id integer NOT NULL,
  path text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  labels jsonb NOT NULL,
  on_expiry smallint NOT NULL,
  overage smallint NOT NULL,
  unpriced smallint NOT NULL,
  unpriced_charge_usd_nanos bigint NOT NULL,
  held_denial smallint NOT NULL,
  frozen boolean NOT NULL,
  freeze_reason text NOT NULL,
  archived boolean NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT allocations_pk PRIMARY KEY (root, allocation_id),
  CONSTRAINT allocations_path_key UNIQUE (root, path)
) WITH (fillfactor = 70);

-- What allocations are limited by. Removed limits stay: the ledger and
-- reservations refer to them.
CREATE TABLE budget.limits (
  root text COLLATE "C" NOT NULL,
  limit_id integer NOT NULL,
  allocation_id integer NOT NULL,
  name text COLLATE "C" NOT NULL,
  unit smallint NOT NULL,
  window_kind smallint NOT NULL,
  calendar_period smallint,
  calendar_zone text,
  rolling_seconds bigint,
  cap bigint,
  warn_percent integer[] NOT NULL,
  removed boolean NOT NULL,
  CONSTRAINT limits_pk PRIMARY KEY (root, limit_id),
  CONSTRAINT limits_cap_range CHECK (cap BETWEEN 0 AND 2305843009213693952)
) WITH (fillfactor = 70);

CREATE UNIQUE INDEX limits_name_key
  ON budget.limits (root, allocation_id, name) WHERE NOT removed;

-- The tally of one limit in one window: window_key 0 for lifetime and rolling
-- limits, the start in Unix seconds for calendar ones. The ceiling is the cap,
-- or after a cap cut the usage, which may then only fall until it is under the
-- cap: the constraint holds the cap whatever the servers do.
CREATE TABLE budget.counters (
  root text COLLATE "C" NOT NULL,
  limit_id integer NOT NULL,
  window_key bigint NOT NULL,
  spent bigint NOT NULL,
  reserved bigint NOT NULL,
  overage bigint NOT NULL,
  unpriced bigint NOT NULL,
  cap bigint,
  ceiling bigint NOT NULL,
  bucket_numbers bigint[] NOT NULL,
  bucket_spent bigint[] NOT NULL,
  bucket_reserved bigint[] NOT NULL,
  bucket_overage bigint[] NOT NULL,
  bucket_unpriced bigint[] NOT NULL,
  as_of timestamptz NOT NULL,
  CONSTRAINT counters_pk PRIMARY KEY (root, limit_id, window_key),
  CONSTRAINT counters_within_ceiling CHECK (spent + reserved <= ceiling),
  CONSTRAINT counters_ceiling_covers_cap CHECK (
    ceiling BETWEEN coalesce(cap, 2305843009213693952)
                AND 2305843009213693952),
  CONSTRAINT counters_non_negative CHECK (
    spent >= 0 AND reserved >= 0 AND overage >= 0 AND unpriced >= 0)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_threshold = 1000);

-- Holds and what became of them. state 1 is open. Three-element arrays are USD
-- nanos, tokens, requests.
CREATE TABLE budget.reservations (
  root text COLLATE "C" NOT NULL,
  id uuid NOT NULL,
  state smallint NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  allocation_ids integer[] NOT NULL,
  pin_limits integer[] NOT NULL,
  pin_windows bigint[] NOT NULL,
  held_usd_nanos bigint NOT NULL,
  held_tokens bigint NOT NULL,
  held_requests bigint NOT NULL,
  spent_usd_nanos bigint NOT NULL,
  spent_tokens bigint NOT NULL,
  spent_requests bigint NOT NULL,
  overage_usd_nanos bigint NOT NULL,
  overage_tokens bigint NOT NULL,
  overage_requests bigint NOT NULL,
  reported bigint[] NOT NULL,
  usage_final boolean NOT NULL,
  settled_late boolean NOT NULL,
  unpriced boolean NOT NULL,
  requested bigint[] NOT NULL,
  granted bigint[] NOT NULL,
  on_expiry smallint NOT NULL,
  price_version bigint NOT NULL,
  crossed_limits integer[] NOT NULL,
  crossed_percents integer[] NOT NULL,
  reserve_sequence bigint NOT NULL,
  -- What the caller asked for, as given.
  asked_origin smallint NOT NULL,
  asked_amounts bigint[] NOT NULL,
  asked_minimum bigint[],
  asked_ttl_micros bigint NOT NULL,
  asked_tags jsonb NOT NULL,
  asked_on_expiry smallint NOT NULL,
  asked_usd_unknown boolean NOT NULL,
  asked_model text,
  asked_meters jsonb,
  CONSTRAINT reservations_pk PRIMARY KEY (root, id),
  CONSTRAINT reservations_non_negative CHECK (
    held_usd_nanos >= 0 AND held_tokens >= 0 AND held_requests >= 0
    AND spent_usd_nanos >= 0 AND spent_tokens >= 0 AND spent_requests >= 0
    AND overage_usd_nanos >= 0 AND overage_tokens >= 0
    AND overage_requests >= 0),
  CONSTRAINT reservations_held_only_open CHECK (
    state = 1
    OR (held_usd_nanos = 0 AND held_tokens = 0 AND held_requests = 0))
) WITH (fillfactor = 85);

CREATE INDEX reservations_due ON budget.reservations (root, expires_at)
  WHERE state = 1;
-- For lists only, which repeat the condition. Without it, while there are no
-- statistics, the planner takes this index to find single reservations.
CREATE INDEX reservations_created ON budget.reservations (root, created_at, id)
  WHERE reserve_sequence >= 0;
CREATE INDEX reservations_ended ON budget.reservations USING brin (ended_at);

-- The truth: one row per change, 1, 2, 3 ... per root, never updated. For every
-- pin, the deltas of its limit's unit apply to its counter.
CREATE TABLE budget.ledger (
  root text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  at timestamptz NOT NULL,
  kind smallint NOT NULL,
  reservation uuid,
  allocations integer[] NOT NULL,
  admitted_at timestamptz,
  pin_limits integer[] NOT NULL,
  pin_windows bigint[] NOT NULL,
  spent_usd_nanos bigint NOT NULL,
  spent_tokens bigint NOT NULL,
  spent_requests bigint NOT NULL,
  reserved_usd_nanos bigint NOT NULL,
  reserved_tokens bigint NOT NULL,
  reserved_requests bigint NOT NULL,
  overage_usd_nanos bigint NOT NULL,
  overage_tokens bigint NOT NULL,
  overage_requests bigint NOT NULL,
  unpriced bigint NOT NULL,
  cap_limits integer[] NOT NULL,
  cap_values bigint[] NOT NULL,
  actor text NOT NULL,
  request uuid,
  detail jsonb NOT NULL,
  CONSTRAINT ledger_pk PRIMARY KEY (root, sequence),
  CONSTRAINT ledger_sequence_positive CHECK (sequence > 0)
) WITH (autovacuum_freeze_min_age = 0);

CREATE INDEX ledger_reservation
  ON budget.ledger (root, reservation, sequence) WHERE reservation IS NOT NULL;
CREATE INDEX ledger_at ON budget.ledger USING brin (at);

-- Administrative changes that were made: a repeat must say the same.
CREATE TABLE budget.admin_requests (
  root text COLLATE "C" NOT NULL,
  request uuid NOT NULL,
  kind smallint NOT NULL,
  fingerprint bytea NOT NULL,
  at timestamptz NOT NULL,
  CONSTRAINT admin_requests_pk PRIMARY KEY (root, request)
);

-- Price tables: version 1, 2, 3 ... per root; USD nanos per million by meter.
CREATE TABLE budget.prices (
  root text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  model text COLLATE "C" NOT NULL,
  meters jsonb NOT NULL,
  CONSTRAINT prices_pk PRIMARY KEY (root, version, model)
);

-- What was denied, by UTC day. Not money: the last second may be missing.
CREATE TABLE budget.denials (
  root text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  limit_name text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  day date NOT NULL,
  denials bigint NOT NULL,
  requested_usd_nanos bigint NOT NULL,
  requested_tokens bigint NOT NULL,
  requested_requests bigint NOT NULL,
  last_time timestamptz NOT NULL,
  CONSTRAINT denials_pk PRIMARY KEY (root, path, limit_name, reason, day)
) WITH (fillfactor = 50);

-- Locked by the writers of a lane before they look at anything. Always empty.
CREATE TABLE budget.lane_0 ();
CREATE TABLE budget.lane_1 ();
CREATE TABLE budget.lane_2 ();
CREATE TABLE budget.lane_3 ();
CREATE TABLE budget.lane_4 ();
CREATE TABLE budget.lane_5 ();
CREATE TABLE budget.lane_6 ();
CREATE TABLE budget.lane_7 ();
CREATE TABLE budget.lane_8 ();
CREATE TABLE budget.lane_9 ();
CREATE TABLE budget.lane_10 ();
CREATE TABLE budget.lane_11 ();
CREATE TABLE budget.lane_12 ();
CREATE TABLE budget.lane_13 ();
CREATE TABLE budget.lane_14 ();
CREATE TABLE budget.lane_15 ();
