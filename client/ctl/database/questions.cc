#include "client/ctl/database/questions.h"

namespace budget {

const char kServerQuestions[] = R"sql(
SELECT name, setting FROM pg_settings WHERE name IN (
  'archive_command', 'archive_library', 'archive_mode', 'data_checksums',
  'default_transaction_read_only', 'fsync',
  'full_page_writes', 'max_connections', 'max_pred_locks_per_page',
  'max_pred_locks_per_relation', 'max_pred_locks_per_transaction',
  'server_version_num', 'superuser_reserved_connections',
  'synchronous_commit', 'synchronous_standby_names')
UNION ALL SELECT 'in_recovery', CASE WHEN pg_is_in_recovery() THEN 'on'
                                     ELSE 'off' END
UNION ALL SELECT 'connections', count(*)::text FROM pg_stat_activity
  WHERE datid IS NOT NULL
    AND coalesce(backend_type, 'client backend') = 'client backend'
UNION ALL SELECT 'longest_transaction_s',
  extract(epoch FROM max(clock_timestamp() - xact_start))::bigint::text
  FROM pg_stat_activity WHERE datname = current_database()
UNION ALL SELECT 'transaction_id_age', age(datfrozenxid)::text
  FROM pg_database WHERE datname = current_database()
UNION ALL SELECT 'archive_failing',
  CASE WHEN last_failed_time > coalesce(last_archived_time, '-infinity')
       THEN 'on' ELSE 'off' END FROM pg_stat_archiver
UNION ALL SELECT 'synchronous_standbys',
  CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE') THEN count(*)::text END
  FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')
UNION ALL SELECT 'wal_kept_for_slots_mb', (max(pg_wal_lsn_diff(
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
         ELSE pg_current_wal_lsn() END, restart_lsn)) / 1048576)::bigint::text
  FROM pg_replication_slots
UNION ALL SELECT 'database_mb',
  (pg_database_size(current_database()) / 1048576)::text
UNION ALL SELECT 'has_schema',
  CASE WHEN to_regclass('budget.schema_migrations') IS NULL THEN 'off'
       ELSE 'on' END)sql";

const char kBudgetQuestions[] = R"sql(
SELECT 'schema_version', max(version)::text FROM budget.schema_migrations
UNION ALL SELECT 'breaking_version', max(version)::text
  FROM budget.schema_migrations WHERE breaking
UNION ALL SELECT 'overdue_s',
  extract(epoch FROM clock_timestamp() - min(next_due))::bigint::text
  FROM budget.roots WHERE next_due < clock_timestamp())sql";

// Prices are no part of the hash chain, and have no trigger.
const char kLockdownQuestions[] = R"sql(
SELECT 'role', current_user::text
UNION ALL SELECT 'role_superuser', CASE WHEN rolsuper THEN 'on' ELSE 'off' END
  FROM pg_roles WHERE rolname = current_user
UNION ALL SELECT 'role_owner',
  CASE WHEN pg_has_role(relowner, 'USAGE') THEN 'on' ELSE 'off' END
  FROM pg_class WHERE oid = 'budget.ledger'::regclass
UNION ALL SELECT 'role_changes', string_agg(name, ', ' ORDER BY name)
  FROM (VALUES ('ledger'), ('seals'), ('access_log'), ('prices')) AS t (name)
  WHERE has_table_privilege('budget.' || name, 'UPDATE, DELETE, TRUNCATE')
    OR has_any_column_privilege('budget.' || name, 'UPDATE')
UNION ALL SELECT 'guard',
  CASE WHEN to_regproc('budget.refuse_change') IS NULL THEN 'off'
       ELSE 'on' END
UNION ALL SELECT 'unguarded', string_agg(name, ', ' ORDER BY name)
  FROM (VALUES ('ledger'), ('seals'), ('access_log')) AS t (name)
  WHERE NOT EXISTS (SELECT FROM pg_trigger
    WHERE tgrelid = ('budget.' || name)::regclass AND tgname = 'append_only'
      AND tgenabled IN ('O', 'A'))
UNION ALL SELECT 'unsealed_s',
  extract(epoch FROM clock_timestamp() - min(l.at))::bigint::text
  FROM budget.roots r
  LEFT JOIN LATERAL (SELECT z.last_sequence FROM budget.seals z
    WHERE z.root = r.root ORDER BY z.first_sequence DESC LIMIT 1) s ON true
  JOIN LATERAL (SELECT e.at FROM budget.ledger e
    WHERE e.root = r.root AND e.sequence > coalesce(s.last_sequence, 0)
    ORDER BY e.sequence LIMIT 1) l ON true
  WHERE r.last_sequence > coalesce(s.last_sequence, 0)
UNION ALL SELECT 'sees_tokens',
  CASE WHEN has_table_privilege('budget.tokens', 'SELECT') THEN 'on'
       ELSE 'off' END)sql";

// Role 3 is admin, in budget.v1.Role too.
const char kTokenQuestions[] = R"sql(
WITH endless AS (SELECT t.id FROM budget.tokens t
  WHERE t.expires_at IS NULL AND t.revoked_at IS NULL
    AND EXISTS (SELECT FROM budget.grants g
      WHERE g.principal = t.principal AND g.role = 3))
SELECT 'endless_tokens', count(*)::text FROM endless
UNION ALL SELECT 'endless_token_ids',
  array_to_string((array_agg(id ORDER BY id))[1:5], ', ') FROM endless)sql";

}  // namespace budget
