-- What the roles of roles.sql may do on the tables that there are, and no more,
-- and that not even their owner changes what is written in those that only
-- grow: the query gives the statements that are still missing for that, none
-- where all is well, and psql runs them. budgetd has the query compiled in, and
-- asks again until there are none: see roles.sql.
WITH wanted (grantee, relation, privilege, attribute) AS (
  SELECT r.grantee, c.relname::text, 'SELECT', NULL
  FROM (VALUES ('budget_service'), ('budget_reader')) AS r (grantee),
    pg_class c
  WHERE c.relnamespace = 'budget'::regnamespace AND c.relkind IN ('r', 'p')
    -- Nobody but the service needs to see even the hashes of tokens.
    AND (r.grantee, c.relname) <> ('budget_reader', 'tokens')
UNION ALL
  SELECT 'budget_service', t.relation, 'INSERT', NULL
  FROM unnest(ARRAY['roots', 'allocations', 'limits', 'counters',
    'reservations', 'ledger', 'seals', 'admin_requests', 'prices', 'denials',
    'tokens', 'grants', 'access_log'])
    AS t (relation)
UNION ALL
  -- Ended reservations are purged, grants are taken back. LOCK TABLE wants some privilege to write;
  -- there is nothing in the lanes.
  SELECT 'budget_service', c.relname::text, 'DELETE', NULL
  FROM pg_class c
  WHERE c.relnamespace = 'budget'::regnamespace AND c.relkind IN ('r', 'p')
    AND (c.relname IN ('reservations', 'grants') OR c.relname LIKE 'lane\_%')
UNION ALL
  SELECT 'budget_service', u.relation, 'UPDATE', a.attribute
  FROM (VALUES
    ('roots', 'last_sequence last_time last_allocation last_limit '
      'price_version next_due catalog_sequence'),
    ('allocations', 'display_name labels on_expiry overage unpriced '
      'unpriced_charge_usd_nanos held_denial frozen freeze_reason archived '
      'version updated_at'),
    ('limits', 'cap warn_percent removed'),
    ('counters', 'spent reserved overage unpriced cap ceiling bucket_numbers '
      'bucket_spent bucket_reserved bucket_overage bucket_unpriced as_of'),
    ('reservations', 'state expires_at ended_at pin_limits pin_windows '
      'held_usd_nanos held_tokens held_requests spent_usd_nanos spent_tokens '
      'spent_requests overage_usd_nanos overage_tokens overage_requests '
      'reported usage_final settled_late unpriced'),
    ('denials', 'denials requested_usd_nanos requested_tokens '
      'requested_requests last_time'),
    ('access_head', 'last_sequence'),
    ('tokens', 'revoked_at')) AS u (relation, columns),
    unnest(string_to_array(u.columns, ' ')) AS a (attribute)
),
-- What the owner has granted to whom, but for himself.
granted (grantee, relation, privilege, attribute) AS (
  SELECT coalesce(r.rolname::text, 'PUBLIC'), c.relname::text,
    g.privilege_type, NULL
  FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
  LEFT JOIN pg_roles r ON r.oid = g.grantee
  WHERE c.relnamespace = 'budget'::regnamespace AND c.relkind IN ('r', 'p')
UNION ALL
  SELECT coalesce(r.rolname::text, 'PUBLIC'), c.relname::text,
    g.privilege_type, a.attname::text
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  CROSS JOIN LATERAL aclexplode(a.attacl) g
  LEFT JOIN pg_roles r ON r.oid = g.grantee
  WHERE c.relnamespace = 'budget'::regnamespace AND c.relkind IN ('r', 'p')
),
missing AS (
  SELECT w.* FROM wanted w
  JOIN pg_class c ON c.relnamespace = 'budget'::regnamespace
    AND c.relname = w.relation
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = w.attribute
    AND NOT a.attisdropped
  WHERE (w.attribute IS NULL OR a.attnum IS NOT NULL)
  AND NOT EXISTS (SELECT FROM granted g WHERE g.grantee = w.grantee
    AND g.relation = w.relation AND g.privilege = w.privilege
    AND g.attribute IS NOT DISTINCT FROM w.attribute)
),
excess AS (
  SELECT g.* FROM granted g
  WHERE g.grantee IN ('budget_service', 'budget_reader', 'PUBLIC')
  AND NOT EXISTS (SELECT FROM wanted w WHERE w.grantee = g.grantee
    AND w.relation = g.relation AND w.privilege = g.privilege
    AND w.attribute IS NOT DISTINCT FROM g.attribute)
),
-- Tables that only grow, where nothing refuses a change: the trigger has yet to
-- be made, or was turned off. Without roles.sql there is no such function.
unguarded (relation, has_trigger) AS (
  SELECT c.relname::text, t.oid IS NOT NULL
  FROM pg_class c
  LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = 'append_only'
  WHERE c.relnamespace = 'budget'::regnamespace
    AND c.relname IN ('ledger', 'seals', 'access_log')
    AND pg_has_role(c.relowner, 'USAGE')
    AND to_regproc('budget.refuse_change') IS NOT NULL
    AND (t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A'))
)
SELECT format('GRANT USAGE ON SCHEMA budget TO %I', r.rolname)
FROM pg_roles r
WHERE r.rolname IN ('budget_service', 'budget_reader')
  AND NOT has_schema_privilege(r.oid, 'budget', 'USAGE')
UNION ALL
SELECT format('REVOKE %s%s ON budget.%I FROM %s', privilege,
  ' (' || quote_ident(attribute) || ')', relation,
  CASE grantee WHEN 'PUBLIC' THEN grantee ELSE quote_ident(grantee) END)
FROM excess
UNION ALL
SELECT format('GRANT %s%s ON budget.%I TO %I', privilege,
  ' (' || string_agg(quote_ident(attribute), ', ' ORDER BY attribute) || ')',
  relation, grantee)
FROM missing GROUP BY grantee, relation, privilege
UNION ALL
SELECT format(CASE WHEN has_trigger
    THEN 'ALTER TABLE budget.%I ENABLE TRIGGER append_only'
    ELSE 'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE '
      'ON budget.%I FOR EACH STATEMENT '
      'EXECUTE FUNCTION budget.refuse_change()' END, relation)
FROM unguarded
\gexec
