#include "server/store/postgres/acknowledged.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/columns.h"
#include "server/store/postgres/result.h"
#include "server/store/postgres/row_reader.h"

namespace budget {
namespace {

// A root loses its head once in a failover; nobody has this many.
constexpr size_t kLostMax = 100;

// A promotion begins a new timeline. Servers that only speak PostgreSQL's
// protocol may know none.
constexpr Statement kPosition = {
    "position",
    "SELECT ('x' || substr(pg_walfile_name(p.lsn), 1, 8))::bit(32)::bigint, "
    "  p.lsn::text FROM (SELECT pg_current_wal_lsn() AS lsn) p"};

// Heads that are not in the ledger, and where the ledger ends.
constexpr Statement kHeadsLost = {
    "heads_lost",
    "SELECT h.root, h.sequence, h.at, coalesce(r.last_sequence, 0) "
    "FROM unnest($1::text[], $2::bigint[], $3::timestamptz[]) "
    "  AS h(root, sequence, at) "
    "LEFT JOIN LATERAL (SELECT * FROM budget.roots x WHERE x.root = h.root "
    "  LIMIT 1) r ON true "
    "LEFT JOIN LATERAL (SELECT * FROM budget.ledger x WHERE x.root = h.root "
    "  AND x.sequence = h.sequence AND x.at = h.at LIMIT 1) l ON true "
    "WHERE l.sequence IS NULL ORDER BY h.root"};

}  // namespace

// Another replica may have committed after us; who is late does not take back
// what was noted meanwhile.
void Acknowledged::Note(const WorkingSet& set) {
  if (set.entries.empty()) return;
  const LedgerEntry& last = set.entries.back();
  absl::MutexLock lock(&mutex_);
  Head& head = heads_[set.root.name];
  if (last.sequence > head.sequence) head = {last.sequence, last.at};
}

// Whoever waits for the server does so without the lock: those who commit need
// it.
bool Acknowledged::Check(Session& session) {
  const Position position = ReadPosition(session);
  const std::vector<Loss> losses = FindLosses(session);
  absl::MutexLock lock(&mutex_);
  for (const Loss& loss : losses) Take(loss);
  return Take(position);
}

Acknowledged::Position Acknowledged::ReadPosition(Session& session) {
  try {
    const Result rows = session.Run(kPosition);
    RowReader row = rows.front();
    Position position{.timeline = row.Int()};
    position.lsn = row.Text();
    return position;
  } catch (const pqxx::sql_error&) {
    return {};
  }
}

std::vector<Acknowledged::Loss> Acknowledged::FindLosses(
    Session& session) const {
  Columns columns(3);
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [root, head] : heads_) {
      columns.Row().Text(root).Int(head.sequence).Time(head.at);
    }
  }
  std::vector<Loss> losses;
  if (columns.empty()) return losses;
  const Result rows = session.Run(kHeadsLost, columns.Take());
  for (RowReader row : rows) {
    Loss& loss = losses.emplace_back();
    loss.root = row.Text();
    loss.head.sequence = row.Int();
    loss.head.at = row.Time();
    loss.last_sequence = row.Int();
  }
  return losses;
}

bool Acknowledged::Take(const Position& position) {
  if (position.timeline == 0) return false;
  const int64_t before = std::exchange(timeline_, position.timeline);
  if (before == 0 || before == position.timeline) return false;
  log_(absl::StrCat("timeline_changed: the database is on timeline ",
                    position.timeline, " after ", before, ", at ",
                    position.lsn,
                    ": a standby was promoted, or a backup restored"));
  return true;
}

// Two connections may have found the same.
void Acknowledged::Take(const Loss& loss) {
  const auto head = heads_.find(loss.root);
  if (head != heads_.end() && head->second == loss.head) heads_.erase(head);
  std::vector<Head>& lost = lost_[loss.root];
  if (std::find(lost.begin(), lost.end(), loss.head) != lost.end()) return;
  log_(absl::StrCat("acknowledged_lost: entry ", loss.head.sequence,
                    " of root ", loss.root, " was acknowledged at ",
                    absl::FormatTime(loss.head.at, absl::UTCTimeZone()),
                    " and is not in the ledger, which ends at entry ",
                    loss.last_sequence, ": freeze the root and book anew"));
  if (lost.size() < kLostMax) lost.push_back(loss.head);
}

std::vector<ExpectedEntry> Acknowledged::Of(absl::string_view root) const {
  std::vector<ExpectedEntry> expected;
  absl::MutexLock lock(&mutex_);
  const auto head = heads_.find(root);
  if (head != heads_.end()) {
    expected.push_back({head->second.sequence, std::nullopt, head->second.at});
  }
  const auto lost = lost_.find(root);
  if (lost == lost_.end()) return expected;
  for (const Head& entry : lost->second) {
    expected.push_back({entry.sequence, std::nullopt, entry.at});
  }
  return expected;
}

}  // namespace budget
