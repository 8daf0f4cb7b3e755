-- The hash chain of each root over its ledger, sealed beside the hot path: see
-- sql/README.md. A seal is of the entries first_sequence to last_sequence; hash
-- is the chain after the last of them, marks holds 8 bytes of the digest of
-- each. The key lets only one replica seal what follows a seal.
CREATE TABLE budget.seals (
  root text COLLATE "C" NOT NULL,
  first_sequence bigint NOT NULL,
  last_sequence bigint NOT NULL,
  hash bytea NOT NULL,
  marks bytea NOT NULL,
  CONSTRAINT seals_pk PRIMARY KEY (root, first_sequence),
  CONSTRAINT seals_whole CHECK (
    first_sequence > 0 AND last_sequence >= first_sequence
    AND length(hash) = 32
    AND length(marks) = 8 * (last_sequence - first_sequence + 1))
) WITH (autovacuum_freeze_min_age = 0);

CREATE TYPE budget.seal_row AS (
  root text, first_sequence bigint, last_sequence bigint, hash bytea,
  marks bytea
);
