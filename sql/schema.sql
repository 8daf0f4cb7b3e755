CREATE SCHEMA budget;
CREATE TYPE budget.allocation_row AS (
	root text,
	allocation_id integer,
	path text,
	display_name text,
	labels jsonb,
	on_expiry smallint,
	overage smallint,
	unpriced smallint,
	unpriced_charge_usd_nanos bigint,
	held_denial smallint,
	frozen boolean,
	freeze_reason text,
	archived boolean,
	version bigint,
	created_at timestamp with time zone,
	updated_at timestamp with time zone
);
CREATE TYPE budget.counter_key AS (
	root text,
	limit_id integer,
	window_key bigint
);
CREATE TYPE budget.counter_row AS (
	root text,
	limit_id integer,
	window_key bigint,
	spent bigint,
	reserved bigint,
	overage bigint,
	unpriced bigint,
	bucket_numbers bigint[],
	bucket_spent bigint[],
	bucket_reserved bigint[],
	bucket_overage bigint[],
	bucket_unpriced bigint[],
	as_of timestamp with time zone,
	reset boolean
);
CREATE TYPE budget.ledger_row AS (
	root text,
	sequence bigint,
	at timestamp with time zone,
	kind smallint,
	reservation uuid,
	allocations integer[],
	admitted_at timestamp with time zone,
	pin_limits integer[],
	pin_windows bigint[],
	spent_usd_nanos bigint,
	spent_tokens bigint,
	spent_requests bigint,
	reserved_usd_nanos bigint,
	reserved_tokens bigint,
	reserved_requests bigint,
	overage_usd_nanos bigint,
	overage_tokens bigint,
	overage_requests bigint,
	unpriced bigint,
	cap_limits integer[],
	cap_values bigint[],
	actor text,
	request uuid,
	detail jsonb
);
CREATE TYPE budget.limit_key AS (
	root text,
	limit_id integer
);
CREATE TYPE budget.limit_row AS (
	root text,
	limit_id integer,
	allocation_id integer,
	name text,
	unit smallint,
	window_kind smallint,
	calendar_period smallint,
	calendar_zone text,
	rolling_seconds bigint,
	cap bigint,
	warn_percent integer[],
	removed boolean
);
CREATE TYPE budget.owned_reservation_row AS (
	root text,
	id uuid,
	state smallint,
	created_at timestamp with time zone,
	expires_at timestamp with time zone,
	ended_at timestamp with time zone,
	allocation_ids integer[],
	pin_limits integer[],
	pin_windows bigint[],
	held_usd_nanos bigint,
	held_tokens bigint,
	held_requests bigint,
	spent_usd_nanos bigint,
	spent_tokens bigint,
	spent_requests bigint,
	overage_usd_nanos bigint,
	overage_tokens bigint,
	overage_requests bigint,
	reported bigint[],
	usage_final boolean,
	settled_late boolean,
	unpriced boolean,
	requested bigint[],
	granted bigint[],
	on_expiry smallint,
	price_version bigint,
	crossed_limits integer[],
	crossed_percents integer[],
	reserve_sequence bigint,
	asked_origin smallint,
	asked_amounts bigint[],
	asked_minimum bigint[],
	asked_ttl_micros bigint,
	asked_tags jsonb,
	asked_on_expiry smallint,
	asked_usd_unknown boolean,
	asked_model text,
	asked_meters jsonb,
	owner text
);
CREATE TYPE budget.price_row AS (
	root text,
	version bigint,
	model text,
	meters jsonb
);
CREATE TYPE budget.request_row AS (
	root text,
	request uuid,
	kind smallint,
	fingerprint bytea,
	at timestamp with time zone
);
CREATE TYPE budget.reservation_change AS (
	root text,
	id uuid,
	state smallint,
	expires_at timestamp with time zone,
	ended_at timestamp with time zone,
	pin_limits integer[],
	pin_windows bigint[],
	held_usd_nanos bigint,
	held_tokens bigint,
	held_requests bigint,
	spent_usd_nanos bigint,
	spent_tokens bigint,
	spent_requests bigint,
	overage_usd_nanos bigint,
	overage_tokens bigint,
	overage_requests bigint,
	reported bigint[],
	usage_final boolean,
	settled_late boolean,
	unpriced boolean
);
CREATE TYPE budget.reservation_key AS (
	root text,
	id uuid
);
CREATE TYPE budget.reservation_row AS (
	root text,
	id uuid,
	state smallint,
	created_at timestamp with time zone,
	expires_at timestamp with time zone,
	ended_at timestamp with time zone,
	allocation_ids integer[],
	pin_limits integer[],
	pin_windows bigint[],
	held_usd_nanos bigint,
	held_tokens bigint,
	held_requests bigint,
	spent_usd_nanos bigint,
	spent_tokens bigint,
	spent_requests bigint,
	overage_usd_nanos bigint,
	overage_tokens bigint,
	overage_requests bigint,
	reported bigint[],
	usage_final boolean,
	settled_late boolean,
	unpriced boolean,
	requested bigint[],
	granted bigint[],
	on_expiry smallint,
	price_version bigint,
	crossed_limits integer[],
	crossed_percents integer[],
	reserve_sequence bigint,
	asked_origin smallint,
	asked_amounts bigint[],
	asked_minimum bigint[],
	asked_ttl_micros bigint,
	asked_tags jsonb,
	asked_on_expiry smallint,
	asked_usd_unknown boolean,
	asked_model text,
	asked_meters jsonb
);
CREATE TYPE budget.root_row AS (
	root text,
	last_sequence bigint,
	last_time timestamp with time zone,
	last_allocation integer,
	last_limit integer,
	price_version bigint,
	next_due timestamp with time zone,
	catalog_sequence bigint,
	old_sequence bigint
);
CREATE TYPE budget.seal_row AS (
	root text,
	first_sequence bigint,
	last_sequence bigint,
	hash bytea,
	marks bytea
);
CREATE TABLE budget.access_head (
    only_row boolean DEFAULT true NOT NULL,
    last_sequence bigint NOT NULL,
    CONSTRAINT access_head_one_row CHECK (only_row)
)
WITH (fillfactor='20');
CREATE TABLE budget.access_log (
    sequence bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    kind smallint NOT NULL,
    principal text NOT NULL COLLATE pg_catalog."C",
    subtree text NOT NULL COLLATE pg_catalog."C",
    changed_from text NOT NULL,
    changed_to text NOT NULL,
    CONSTRAINT access_log_sequence_positive CHECK ((sequence > 0))
);
CREATE TABLE budget.admin_requests (
    root text NOT NULL COLLATE pg_catalog."C",
    request uuid NOT NULL,
    kind smallint NOT NULL,
    fingerprint bytea NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE budget.allocations (
    root text NOT NULL COLLATE pg_catalog."C",
    allocation_id integer NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
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
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
)
WITH (fillfactor='70');
ALTER TABLE ONLY budget.allocations ALTER COLUMN root SET (n_distinct=200);
CREATE TABLE budget.counters (
    root text NOT NULL COLLATE pg_catalog."C",
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
    as_of timestamp with time zone NOT NULL,
    CONSTRAINT counters_ceiling_covers_cap CHECK (((ceiling >= COALESCE(cap, '2305843009213693952'::bigint)) AND (ceiling <= '2305843009213693952'::bigint))),
    CONSTRAINT counters_non_negative CHECK (((spent >= 0) AND (reserved >= 0) AND (overage >= 0) AND (unpriced >= 0))),
    CONSTRAINT counters_within_ceiling CHECK (((spent + reserved) <= ceiling))
)
WITH (fillfactor='20', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');
CREATE TABLE budget.denials (
    root text NOT NULL COLLATE pg_catalog."C",
    path text NOT NULL COLLATE pg_catalog."C",
    limit_name text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    denials bigint NOT NULL,
    requested_usd_nanos bigint NOT NULL,
    requested_tokens bigint NOT NULL,
    requested_requests bigint NOT NULL,
    last_time timestamp with time zone NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE budget.grants (
    principal text NOT NULL COLLATE pg_catalog."C",
    role smallint NOT NULL,
    subtree text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL
);
CREATE TABLE budget.lane_0 (
);
CREATE TABLE budget.lane_1 (
);
CREATE TABLE budget.lane_10 (
);
CREATE TABLE budget.lane_11 (
);
CREATE TABLE budget.lane_12 (
);
CREATE TABLE budget.lane_13 (
);
CREATE TABLE budget.lane_14 (
);
CREATE TABLE budget.lane_15 (
);
CREATE TABLE budget.lane_2 (
);
CREATE TABLE budget.lane_3 (
);
CREATE TABLE budget.lane_4 (
);
CREATE TABLE budget.lane_5 (
);
CREATE TABLE budget.lane_6 (
);
CREATE TABLE budget.lane_7 (
);
CREATE TABLE budget.lane_8 (
);
CREATE TABLE budget.lane_9 (
);
CREATE TABLE budget.ledger (
    root text NOT NULL COLLATE pg_catalog."C",
    sequence bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind smallint NOT NULL,
    reservation uuid,
    allocations integer[] NOT NULL,
    admitted_at timestamp with time zone,
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
    CONSTRAINT ledger_sequence_positive CHECK ((sequence > 0))
)
WITH (autovacuum_freeze_min_age='0');
CREATE TABLE budget.limits (
    root text NOT NULL COLLATE pg_catalog."C",
    limit_id integer NOT NULL,
    allocation_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    unit smallint NOT NULL,
    window_kind smallint NOT NULL,
    calendar_period smallint,
    calendar_zone text,
    rolling_seconds bigint,
    cap bigint,
    warn_percent integer[] NOT NULL,
    removed boolean NOT NULL,
    CONSTRAINT limits_cap_range CHECK (((cap >= 0) AND (cap <= '2305843009213693952'::bigint)))
)
WITH (fillfactor='70');
ALTER TABLE ONLY budget.limits ALTER COLUMN root SET (n_distinct=200);
CREATE TABLE budget.prices (
    root text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    model text NOT NULL COLLATE pg_catalog."C",
    meters jsonb NOT NULL
);
CREATE TABLE budget.reservations (
    root text NOT NULL COLLATE pg_catalog."C",
    id uuid NOT NULL,
    state smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
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
    asked_origin smallint NOT NULL,
    asked_amounts bigint[] NOT NULL,
    asked_minimum bigint[],
    asked_ttl_micros bigint NOT NULL,
    asked_tags jsonb NOT NULL,
    asked_on_expiry smallint NOT NULL,
    asked_usd_unknown boolean NOT NULL,
    asked_model text,
    asked_meters jsonb,
    owner text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT reservations_held_only_open CHECK (((state = 1) OR ((held_usd_nanos = 0) AND (held_tokens = 0) AND (held_requests = 0)))),
    CONSTRAINT reservations_non_negative CHECK (((held_usd_nanos >= 0) AND (held_tokens >= 0) AND (held_requests >= 0) AND (spent_usd_nanos >= 0) AND (spent_tokens >= 0) AND (spent_requests >= 0) AND (overage_usd_nanos >= 0) AND (overage_tokens >= 0) AND (overage_requests >= 0)))
)
WITH (fillfactor='50');
CREATE TABLE budget.roots (
    root text NOT NULL COLLATE pg_catalog."C",
    last_sequence bigint NOT NULL,
    last_time timestamp with time zone NOT NULL,
    last_allocation integer NOT NULL,
    last_limit integer NOT NULL,
    price_version bigint NOT NULL,
    next_due timestamp with time zone,
    catalog_sequence bigint DEFAULT 0 NOT NULL,
    CONSTRAINT roots_non_negative CHECK (((last_sequence >= 0) AND (last_allocation >= 0) AND (last_limit >= 0) AND (price_version >= 0)))
)
WITH (fillfactor='20', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');
CREATE TABLE budget.schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    breaking boolean NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE budget.seals (
    root text NOT NULL COLLATE pg_catalog."C",
    first_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL,
    hash bytea NOT NULL,
    marks bytea NOT NULL,
    CONSTRAINT seals_whole CHECK (((first_sequence > 0) AND (last_sequence >= first_sequence) AND (length(hash) = 32) AND (length(marks) = (8 * ((last_sequence - first_sequence) + 1)))))
)
WITH (autovacuum_freeze_min_age='0');
CREATE TABLE budget.tokens (
    id text NOT NULL COLLATE pg_catalog."C",
    principal text NOT NULL COLLATE pg_catalog."C",
    subtree text NOT NULL COLLATE pg_catalog."C",
    secret_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT tokens_hash_size CHECK ((octet_length(secret_hash) = 32))
);
ALTER TABLE ONLY budget.access_head
    ADD CONSTRAINT access_head_pk PRIMARY KEY (only_row);
ALTER TABLE ONLY budget.access_log
    ADD CONSTRAINT access_log_pk PRIMARY KEY (sequence);
ALTER TABLE ONLY budget.admin_requests
    ADD CONSTRAINT admin_requests_pk PRIMARY KEY (root, request);
ALTER TABLE ONLY budget.allocations
    ADD CONSTRAINT allocations_path_key UNIQUE (root, path);
ALTER TABLE ONLY budget.allocations
    ADD CONSTRAINT allocations_pk PRIMARY KEY (root, allocation_id);
ALTER TABLE ONLY budget.counters
    ADD CONSTRAINT counters_pk PRIMARY KEY (root, limit_id, window_key);
ALTER TABLE ONLY budget.denials
    ADD CONSTRAINT denials_pk PRIMARY KEY (root, path, limit_name, reason, day);
ALTER TABLE ONLY budget.grants
    ADD CONSTRAINT grants_pk PRIMARY KEY (principal, role, subtree);
ALTER TABLE ONLY budget.ledger
    ADD CONSTRAINT ledger_pk PRIMARY KEY (root, sequence);
ALTER TABLE ONLY budget.limits
    ADD CONSTRAINT limits_pk PRIMARY KEY (root, limit_id);
ALTER TABLE ONLY budget.prices
    ADD CONSTRAINT prices_pk PRIMARY KEY (root, version, model);
ALTER TABLE ONLY budget.reservations
    ADD CONSTRAINT reservations_pk PRIMARY KEY (root, id);
ALTER TABLE ONLY budget.roots
    ADD CONSTRAINT roots_pk PRIMARY KEY (root);
ALTER TABLE ONLY budget.schema_migrations
    ADD CONSTRAINT schema_migrations_pk PRIMARY KEY (version);
ALTER TABLE ONLY budget.seals
    ADD CONSTRAINT seals_pk PRIMARY KEY (root, first_sequence);
ALTER TABLE ONLY budget.tokens
    ADD CONSTRAINT tokens_pk PRIMARY KEY (id);
CREATE INDEX ledger_at ON budget.ledger USING brin (at);
CREATE INDEX ledger_reservation ON budget.ledger USING btree (root, reservation, sequence) WHERE (reservation IS NOT NULL);
CREATE UNIQUE INDEX limits_name_key ON budget.limits USING btree (root, allocation_id, name) WHERE (NOT removed);
CREATE INDEX reservations_created ON budget.reservations USING btree (root, created_at, id) WHERE (reserve_sequence >= 0);
CREATE INDEX reservations_expiry ON budget.reservations USING btree (root, expires_at) WHERE (reserve_sequence >= 0);
CREATE INDEX reservations_made ON budget.reservations USING brin (created_at);
CREATE INDEX roots_next_due ON budget.roots USING btree (next_due) WHERE (next_due IS NOT NULL);
