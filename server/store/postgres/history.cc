#include "server/store/postgres/history.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/row_reader.h"
#include "server/store/postgres/sql_text.h"

namespace budget {
namespace {

// Time never falls within a root, so that where the window begins in its ledger
// is found by halving: an index by time would lead through the entries of all
// others. Sums that no counter can keep are cut to the least that it cannot. $5
// is the duration of a rolling window in microseconds, NULL for others, and $6
// the key of the window then.
constexpr Statement kHistory = {
    "load_history",
    "WITH RECURSIVE search(before, after) AS ("
    "  SELECT 0::bigint, r.last_sequence + 1 FROM budget.roots r "
    "  WHERE r.root = $1 "
    "  UNION ALL "
    "  SELECT CASE WHEN l.at < $3::timestamptz THEN m.middle ELSE s.before END, "
    "    CASE WHEN l.at < $3::timestamptz THEN s.after ELSE m.middle END "
    "  FROM search s "
    "  CROSS JOIN LATERAL (SELECT (s.before + s.after) / 2 AS middle) m "
    "  CROSS JOIN LATERAL (SELECT x.at FROM budget.ledger x "
    "    WHERE x.root = $1 AND x.sequence = m.middle LIMIT 1) l "
    "  WHERE s.after - s.before > 1) "
    "SELECT u.window_key, "
    "  least(sum(u.spent), 2305843009213693953)::bigint, "
    "  least(sum(u.overage), 2305843009213693953)::bigint, "
    "  sum(u.unpriced)::bigint "
    "FROM (SELECT CASE WHEN $5::bigint IS NULL THEN $6::bigint ELSE "
    "      (extract(epoch FROM t.at) * 1000000)::bigint * 60 / $5::bigint END "
    "      AS window_key, "
    "    CASE $7::int WHEN 0 THEN e.spent_usd_nanos WHEN 1 THEN e.spent_tokens "
    "      ELSE e.spent_requests END AS spent, "
    "    CASE $7::int WHEN 0 THEN e.overage_usd_nanos "
    "      WHEN 1 THEN e.overage_tokens ELSE e.overage_requests END "
    "      AS overage, "
    "    e.unpriced "
    "  FROM budget.ledger e "
    "  CROSS JOIN LATERAL (SELECT coalesce(e.admitted_at, e.at) AS at) t "
    "  WHERE e.root = $1 AND e.sequence > (SELECT max(before) FROM search) "
    "    AND t.at >= $3::timestamptz AND t.at < $4::timestamptz "
    "    AND e.allocations && (SELECT array_agg(a.allocation_id) "
    "      FROM budget.allocations a WHERE a.root = $1 AND (a.path = $2 "
    "        OR (a.path > $2 || '/' AND a.path < $2 || '0')))) u "
    "GROUP BY u.window_key "
    "HAVING sum(u.spent) <> 0 OR sum(u.overage) <> 0 OR sum(u.unpriced) <> 0 "
    "ORDER BY u.window_key"};

Parameters ParametersFor(const LoadPlan& plan,
                         const LoadPlan::HistoryNeed& need, absl::Time now) {
  const Window& window = need.limit.window;
  const WindowKey key = KeyAt(window, now);
  std::string from = "-infinity";
  std::string until = "infinity";
  std::optional<std::string> duration_micros;
  if (window.kind == WindowKind::kCalendar) {
    from = sql_text::FromTime(absl::FromUnixSeconds(key));
    until = sql_text::FromTime(CalendarEnd(window, key));
  } else if (window.kind == WindowKind::kRolling) {
    from = sql_text::FromTime(BucketStart(window, key - kBucketsPerWindow));
    duration_micros = absl::StrCat(absl::ToInt64Microseconds(window.duration));
  }
  return {plan.root,       need.path,         from,
          until,           duration_micros,   absl::StrCat(key),
          absl::StrCat(static_cast<int>(need.limit.unit))};
}

bool StaysInForce(const LoadPlan& plan, const LoadPlan::HistoryNeed& need,
                  const Catalog& catalog) {
  const Allocation* owner = catalog.FindAllocation(need.path);
  return owner != nullptr && !MayChangeTwice(plan) &&
         catalog.FindLimit(*owner, need.limit.name) != nullptr;
}

}  // namespace

void LoadHistory(Session& session, const LoadPlan& plan,
                 const LoadPlan::HistoryNeed& need, absl::Time now,
                 WorkingSet& set) {
  if (StaysInForce(plan, need, set.catalog)) return;
  UsageHistory history;
  const Result rows = session.Run(kHistory, ParametersFor(plan, need, now));
  for (RowReader row : rows) {
    UsageHistory::Item item;
    item.window = row.Int();
    item.spent = row.Int();
    item.overage = row.Int();
    item.unpriced = row.Int();
    history.items.push_back(item);
  }
  set.histories[HistoryKey(need.path, need.limit)] = std::move(history);
}

}  // namespace budget
