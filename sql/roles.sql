-- Roles for a database that several teams share. Run it as the owner of the
-- database, after the migrations and again after each of them:
--   psql -v ON_ERROR_STOP=1 -f sql/roles.sql DATABASE
-- budget_owner migrates, budget_service is what budgetd runs as afterwards,
-- budget_reader is for finance and auditors. None can log in by itself: grant
-- them to roles that can.

SELECT format('CREATE ROLE %I NOLOGIN', name)
FROM unnest(ARRAY['budget_owner', 'budget_service', 'budget_reader']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

REVOKE ALL ON SCHEMA budget FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA budget TO budget_owner;
GRANT ALL ON ALL TABLES IN SCHEMA budget TO budget_owner;

GRANT USAGE ON SCHEMA budget TO budget_service, budget_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA budget TO budget_service, budget_reader;

-- Nobody but the service needs to see even the hashes of tokens.
REVOKE SELECT ON budget.tokens FROM budget_reader;

-- The service never changes or deletes what is written in the ledger or in the
-- log of access.
GRANT INSERT ON
  budget.ledger, budget.admin_requests, budget.prices, budget.access_log
  TO budget_service;
GRANT UPDATE ON budget.access_head TO budget_service;
GRANT INSERT, UPDATE ON budget.tokens TO budget_service;
GRANT INSERT, DELETE ON budget.grants TO budget_service;
GRANT INSERT, UPDATE ON
  budget.roots, budget.allocations, budget.limits, budget.counters,
  budget.denials TO budget_service;
GRANT INSERT, UPDATE, DELETE ON budget.reservations TO budget_service;

-- LOCK TABLE in EXCLUSIVE mode needs one of the writing privileges.
SELECT format('GRANT DELETE ON budget.%I TO budget_service', tablename)
FROM pg_tables WHERE schemaname = 'budget' AND tablename LIKE 'lane\_%'
\gexec
