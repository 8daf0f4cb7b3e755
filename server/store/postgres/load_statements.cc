#include "server/store/postgres/load_statements.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/few.h"
#include "server/store/postgres/rows.h"

namespace budget {

Statement ReservationsById() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT x.root, ", kReservationColumns,
      " FROM " BUDGET_FEW("$1::budget.reservation_key[]", "$1") " AS p "
      "JOIN budget.reservations x ON x.root = p.root AND x.id = p.id"));
  return {"load_reservations", sql->c_str()};
}

Statement ReservationsDue() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT x.root, ", kReservationColumns,
      " FROM "
      BUDGET_FEW("$1::text[], $2::timestamptz[], $3::bigint[]", "$1")
      "  AS p(root, until, most) "
      "JOIN budget.roots r ON r.root = p.root "
      "CROSS JOIN LATERAL (SELECT * FROM budget.reservations y "
      "  WHERE y.root = r.root AND y.reserve_sequence >= 0 AND y.state = 1 "
      "    AND y.expires_at BETWEEN r.next_due AND p.until "
      "  ORDER BY y.expires_at LIMIT p.most) x"));
  return {"load_due", sql->c_str()};
}

Statement ReservationsOpenUnder() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT x.root, ", kReservationColumns,
      " FROM "
      BUDGET_FEW("$1::text[], $2::text[], $3::text[], $4::bool[]", "$1")
      "  AS p(root, path, name, always) "
      "CROSS JOIN LATERAL (SELECT array_agg(a.allocation_id) AS ids "
      "  FROM budget.allocations a WHERE a.root = p.root AND (a.path = p.path "
      "    OR (a.path > p.path || '/' AND a.path < p.path || '0'))) u "
      "CROSS JOIN LATERAL (SELECT * FROM budget.reservations y "
      "  WHERE y.root = p.root AND y.state = 1 AND y.allocation_ids && u.ids "
      "  OFFSET 0) x "
      "WHERE p.always OR NOT EXISTS (SELECT FROM budget.allocations a "
      "  JOIN budget.limits l ON l.root = a.root "
      "    AND l.allocation_id = a.allocation_id "
      "  WHERE a.root = p.root AND a.path = p.path AND l.name = p.name "
      "    AND NOT l.removed)"));
  return {"load_open_under", sql->c_str()};
}

Statement AllocationsAsked() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT x.root, ", kAllocationColumns,
      " FROM (SELECT p.root, p.path "
      "  FROM " BUDGET_FEW("$1::text[], $2::text[]", "$1") " AS p(root, path) "
      "  UNION SELECT a.root, array_to_string("
      "    (string_to_array(a.path, '/'))[1:n], '/') "
      "  FROM " BUDGET_FEW("$3::text[], $4::int[]", "$3")
      "    AS p(root, allocation_id) "
      "  JOIN budget.allocations a ON a.root = p.root "
      "    AND a.allocation_id = p.allocation_id "
      "  CROSS JOIN LATERAL generate_series("
      "    1, cardinality(string_to_array(a.path, '/'))) AS n) w "
      "CROSS JOIN LATERAL (SELECT * FROM budget.allocations y "
      "  WHERE y.root = w.root AND y.path = w.path LIMIT 1) x"));
  return {"load_allocations", sql->c_str()};
}

Statement LimitsAsked() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT x.root, ", kLimitColumns,
      " FROM (SELECT l.root, l.limit_id "
      "  FROM " BUDGET_FEW("$1::text[], $2::int[]", "$1")
      "    AS p(root, allocation_id) "
      "  JOIN budget.limits l ON l.root = p.root "
      "    AND l.allocation_id = p.allocation_id AND NOT l.removed "
      "  UNION SELECT p.root, p.limit_id "
      "  FROM " BUDGET_FEW("$3::text[], $4::int[]", "$3")
      "    AS p(root, limit_id)) w "
      "JOIN budget.limits x ON x.root = w.root AND x.limit_id = w.limit_id"));
  return {"load_limits", sql->c_str()};
}

Statement CountersLatest() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT p.root, ", kCounterColumns,
      " FROM unnest($1::budget.limit_key[]) AS p "
      "CROSS JOIN LATERAL (SELECT * FROM budget.counters c "
      "  WHERE c.root = p.root AND c.limit_id = p.limit_id "
      "  ORDER BY c.window_key DESC LIMIT 1) x"));
  return {"load_latest_counters", sql->c_str()};
}

Statement CountersByKey() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT x.root, ", kCounterColumns,
      " FROM " BUDGET_FEW("$1::budget.counter_key[]", "$1") " AS p "
      "JOIN budget.counters x ON x.root = p.root "
      "  AND x.limit_id = p.limit_id AND x.window_key = p.window_key"));
  return {"load_counters", sql->c_str()};
}

}  // namespace budget
