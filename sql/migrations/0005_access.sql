-- Who may do what. Beside the budgets: nothing of the hot path reads these.

-- One row: it is updated first by whoever changes grants or tokens, so that
-- such changes queue up, and its number says whether anything has changed.
CREATE TABLE budget.access_head (
  only_row boolean NOT NULL DEFAULT true,
  last_sequence bigint NOT NULL,
  CONSTRAINT access_head_pk PRIMARY KEY (only_row),
  CONSTRAINT access_head_one_row CHECK (only_row)
) WITH (fillfactor = 20);

INSERT INTO budget.access_head (last_sequence) VALUES (0);

-- Roles are the numbers in server/access; a subtree is a path or "*".
CREATE TABLE budget.grants (
  principal text COLLATE "C" NOT NULL,
  role smallint NOT NULL,
  subtree text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  CONSTRAINT grants_pk PRIMARY KEY (principal, role, subtree)
);

-- Bearer tokens; of the secret only its SHA-256.
CREATE TABLE budget.tokens (
  id text COLLATE "C" NOT NULL,
  principal text COLLATE "C" NOT NULL,
  subtree text COLLATE "C" NOT NULL,
  secret_hash bytea NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  CONSTRAINT tokens_pk PRIMARY KEY (id),
  CONSTRAINT tokens_hash_size CHECK (octet_length(secret_hash) = 32)
);

-- Every change of the two, never updated.
CREATE TABLE budget.access_log (
  sequence bigint NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  kind smallint NOT NULL,
  principal text COLLATE "C" NOT NULL,
  subtree text COLLATE "C" NOT NULL,
  changed_from text NOT NULL,
  changed_to text NOT NULL,
  CONSTRAINT access_log_pk PRIMARY KEY (sequence),
  CONSTRAINT access_log_sequence_positive CHECK (sequence > 0)
);

-- The principal that made a reservation. Binaries that do not know the column
-- leave it empty: then any gateway of its allocations may settle it.
ALTER TABLE budget.reservations
  ADD COLUMN owner text COLLATE "C" NOT NULL DEFAULT '';

-- budget.reservation_row with the owner.
CREATE TYPE budget.owned_reservation_row AS (
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
  asked_meters jsonb, owner text
);
