-- Runs once, as the superuser, in a database that has just been made: the roles
-- of sql/roles.sql, and a user of the owner for `budgetd migrate` and one of the
-- service for the replicas.
\i /usr/local/share/budgetd/sql/roles.sql
\set owner_password `cat /run/secrets/owner_password`
\set service_password `cat /run/secrets/service_password`
CREATE ROLE budget_migrate LOGIN PASSWORD :'owner_password' IN ROLE budget_owner;
CREATE ROLE budgetd LOGIN PASSWORD :'service_password' IN ROLE budget_service;
