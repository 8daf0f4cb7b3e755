#include "server/store/postgres/load_statements.h"

#include "absl/strings/str_cat.h"
#include "server/store/postgres/rows.h"

namespace budget {

const std::string& ReservationsSql() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT x.root, ", kReservationColumns,
      " FROM (SELECT p.root, p.id "
      "  FROM unnest($1::text[], $2::uuid[]) AS p(root, id) "
      "  UNION SELECT p.root, d.id FROM unnest($3::text[]) AS p(root) "
      "  CROSS JOIN LATERAL (SELECT y.id FROM budget.reservations y "
      "    WHERE y.root = p.root AND y.state = 1 "
      "      AND y.expires_at <= $4::timestamptz "
      "    ORDER BY y.expires_at LIMIT $5::bigint) d) w "
      "JOIN budget.reservations x ON x.root = w.root AND x.id = w.id"));
  return *sql;
}

const std::string& OpenUnderSql() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT x.root, ", kReservationColumns,
      " FROM unnest($1::text[], $2::text[], $3::text[], $4::bool[]) "
      "  AS p(root, path, name, always) "
      "CROSS JOIN LATERAL (SELECT array_agg(a.allocation_id) AS ids "
      "  FROM budget.allocations a WHERE a.root = p.root AND (a.path = p.path "
      "    OR (a.path > p.path || '/' AND a.path < p.path || '0'))) u "
      "JOIN budget.reservations x ON x.root = p.root AND x.state = 1 "
      "  AND x.allocation_ids && u.ids "
      "WHERE p.always OR NOT EXISTS (SELECT FROM budget.allocations a "
      "  JOIN budget.limits l ON l.root = a.root "
      "    AND l.allocation_id = a.allocation_id "
      "  WHERE a.root = p.root AND a.path = p.path AND l.name = p.name "
      "    AND NOT l.removed)"));
  return *sql;
}

const std::string& AllocationsSql() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT x.root, ", kAllocationColumns,
      " FROM (SELECT p.root, p.path "
      "  FROM unnest($1::text[], $2::text[]) AS p(root, path) "
      "  UNION SELECT a.root, array_to_string("
      "    (string_to_array(a.path, '/'))[1:n], '/') "
      "  FROM unnest($3::text[], $4::int[]) AS p(root, allocation_id) "
      "  JOIN budget.allocations a ON a.root = p.root "
      "    AND a.allocation_id = p.allocation_id "
      "  CROSS JOIN LATERAL generate_series("
      "    1, cardinality(string_to_array(a.path, '/'))) AS n) w "
      "JOIN budget.allocations x ON x.root = w.root AND x.path = w.path"));
  return *sql;
}

const std::string& LimitsSql() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT x.root, ", kLimitColumns,
      " FROM (SELECT l.root, l.limit_id "
      "  FROM unnest($1::text[], $2::int[]) AS p(root, allocation_id) "
      "  JOIN budget.limits l ON l.root = p.root "
      "    AND l.allocation_id = p.allocation_id AND NOT l.removed "
      "  UNION SELECT p.root, p.limit_id "
      "  FROM unnest($3::text[], $4::int[]) AS p(root, limit_id)) w "
      "JOIN budget.limits x ON x.root = w.root AND x.limit_id = w.limit_id"));
  return *sql;
}

const std::string& CountersSql() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT p.root, ", kCounterColumns,
      " FROM unnest($1::text[], $2::int[]) AS p(root, limit_id) "
      "CROSS JOIN LATERAL (SELECT * FROM budget.counters c "
      "  WHERE c.root = p.root AND c.limit_id = p.limit_id "
      "  ORDER BY c.window_key DESC LIMIT 1) x "
      "UNION ALL SELECT x.root, ",
      kCounterColumns,
      " FROM unnest($3::text[], $4::int[], $5::bigint[]) "
      "  AS p(root, limit_id, window_key) "
      "JOIN budget.counters x ON x.root = p.root "
      "  AND x.limit_id = p.limit_id AND x.window_key = p.window_key"));
  return *sql;
}

}  // namespace budget
