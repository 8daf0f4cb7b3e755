-- The roles of a database that others share, to be run once by a superuser,
-- before the first migration or after any:
--   psql -v ON_ERROR_STOP=1 -f sql/roles.sql DATABASE
-- budget_owner owns the schema and migrates it, budget_service is what budgetd
-- serves as, budget_reader is for finance and auditors. None of them can log in:
-- sql/README.md shows how to make roles that can. What each may do on the tables
-- is in grants.sql, which `budgetd migrate` applies after its migrations: this
-- file need not be run again.

SET client_min_messages = warning;

SELECT format('CREATE ROLE %I NOLOGIN', name)
FROM unnest(ARRAY['budget_owner', 'budget_service', 'budget_reader']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

CREATE SCHEMA IF NOT EXISTS budget;
ALTER SCHEMA budget OWNER TO budget_owner;
SELECT format('ALTER TABLE budget.%I OWNER TO budget_owner', relname)
FROM pg_class
WHERE relnamespace = 'budget'::regnamespace AND relkind IN ('r', 'p')
\gexec
SELECT format('ALTER TYPE budget.%I OWNER TO budget_owner', relname)
FROM pg_class
WHERE relnamespace = 'budget'::regnamespace AND relkind = 'c'
\gexec

-- Nobody but the owner makes anything in this schema or before it in a path.
REVOKE ALL ON SCHEMA budget FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database())
\gexec

-- Not even the owner changes what is written, unless he takes this away first:
-- grants.sql ties it to the tables that only grow. It is no part of the
-- migrations, for other engines have no such language, and no INSERT meets it.
CREATE OR REPLACE FUNCTION budget.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'budget.% is append-only: % is refused',
    TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
ALTER FUNCTION budget.refuse_change() OWNER TO budget_owner;

-- Twice: what a REVOKE took from a whole table, columns may have to get back.
\ir grants.sql
\ir grants.sql
