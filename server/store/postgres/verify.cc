#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/ledger_fold.h"
#include "server/domain/seal_check.h"
#include "server/store/postgres/reads.h"
#include "server/store/postgres/row_reader.h"
#include "server/store/postgres/rows.h"
#include "server/store/postgres/seals.h"

namespace budget::reads {
namespace {

constexpr int kRowsAtOnce = 5000;

constexpr Statement kHead = {
    "verify_head",
    "SELECT last_sequence FROM budget.roots WHERE root = $1"};

constexpr Statement kReservationCount = {
    "verify_reservation_count",
    "SELECT count(*) FROM budget.reservations WHERE root = $1"};

// Ended reservations may have been purged: then nothing is held by them.
constexpr Statement kReservationsAmiss = {
    "verify_reservations",
    "SELECT coalesce(r.id, s.id), s.id IS NULL, r.id IS NULL, "
    "  concat_ws(' ', 'held', s.h0, s.h1, s.h2, 'spent', s.s0, s.s1, s.s2, "
    "    'overage', s.o0, s.o1, s.o2), "
    "  concat_ws(' ', 'held', r.held_usd_nanos, r.held_tokens, "
    "    r.held_requests, 'spent', r.spent_usd_nanos, r.spent_tokens, "
    "    r.spent_requests, 'overage', r.overage_usd_nanos, r.overage_tokens, "
    "    r.overage_requests) "
    "FROM (SELECT reservation AS id, "
    "    sum(reserved_usd_nanos) AS h0, sum(reserved_tokens) AS h1, "
    "    sum(reserved_requests) AS h2, sum(spent_usd_nanos) AS s0, "
    "    sum(spent_tokens) AS s1, sum(spent_requests) AS s2, "
    "    sum(overage_usd_nanos) AS o0, sum(overage_tokens) AS o1, "
    "    sum(overage_requests) AS o2 "
    "  FROM budget.ledger WHERE root = $1 AND reservation IS NOT NULL "
    "  GROUP BY reservation) s "
    "FULL JOIN (SELECT * FROM budget.reservations WHERE root = $1) r "
    "  ON r.id = s.id "
    "WHERE CASE WHEN s.id IS NULL THEN true "
    "  WHEN r.id IS NULL THEN s.h0 <> 0 OR s.h1 <> 0 OR s.h2 <> 0 "
    "  ELSE (s.h0, s.h1, s.h2, s.s0, s.s1, s.s2, s.o0, s.o1, s.o2) <> "
    "    (r.held_usd_nanos, r.held_tokens, r.held_requests, "
    "     r.spent_usd_nanos, r.spent_tokens, r.spent_requests, "
    "     r.overage_usd_nanos, r.overage_tokens, r.overage_requests) END "
    "ORDER BY 1"};

Statement CountersAfter() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT ", kCounterColumns,
      " FROM budget.counters x WHERE x.root = $1 "
      "AND (x.limit_id, x.window_key) > ($2::int, $3::bigint) "
      "ORDER BY x.limit_id, x.window_key LIMIT $4::bigint"));
  return {"verify_counters", sql->c_str()};
}

void ReadLedger(Session& session, const std::string& root, LedgerFold& fold,
                SealCheck& chain) {
  // Nobody numbers below 1, but whoever tampers may.
  int64_t after = std::numeric_limits<int64_t>::min();
  while (true) {
    const Result rows =
        session.Run(LedgerAfter(),
                    {root, absl::StrCat(after), absl::StrCat(kRowsAtOnce)});
    for (RowReader row : rows) {
      after = RowReader(row).Int();
      const std::optional<LedgerEntry> entry = TryReadLedgerEntry(row);
      if (!entry) {
        chain.AddUnreadable(after);
        continue;
      }
      fold.Add(*entry);
      chain.Add(*entry);
    }
    if (rows.size() < kRowsAtOnce) return;
  }
}

void CompareCounters(Session& session, const std::string& root,
                     LedgerFold& fold) {
  Pin after{.limit = -1};
  while (true) {
    const Result rows = session.Run(
        CountersAfter(),
        {root, absl::StrCat(after.limit), absl::StrCat(after.window),
         absl::StrCat(kRowsAtOnce)});
    for (RowReader row : rows) {
      const StoredCounter counter = ReadCounter(row);
      after = counter.key;
      fold.Compare(counter);
    }
    if (rows.size() < kRowsAtOnce) return;
  }
}

void CompareReservations(Session& session, const std::string& root,
                         VerifyReport& report) {
  const Result counts = session.Run(kReservationCount, {root});
  report.reservations = counts.front().Int();
  const Result amiss = session.Run(kReservationsAmiss, {root});
  for (RowReader row : amiss) {
    Discrepancy found{.subject =
                          absl::StrCat("reservation ", row.Id().ToString())};
    const bool no_entries = row.Bool();
    const bool no_row = row.Bool();
    found.ledger = row.Text();
    found.stored = row.Text();
    if (no_entries) found.ledger = "no entries";
    if (no_row) found.stored = "no reservation";
    report.Add(std::move(found));
  }
}

}  // namespace

Statement LedgerAfter() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT ", kLedgerColumns,
      " FROM budget.ledger x WHERE x.root = $1 AND x.sequence > $2::bigint "
      "ORDER BY x.sequence LIMIT $3::bigint"));
  return {"ledger_after", sql->c_str()};
}

absl::Status NoSuchRoot(absl::string_view root) {
  return absl::NotFoundError(absl::StrCat("there is no root \"", root, "\""));
}

absl::StatusOr<VerifyReport> Verify(Session& session, absl::string_view root,
                                    const KnownElsewhere& elsewhere) {
  const std::string name(root);
  VerifyReport report;
  // However old the statistics are, the ledger is read along its key.
  session.Simple("SET LOCAL enable_bitmapscan = off");
  report.read_time = ReadClock(session);
  const Result heads = session.Run(kHead, {name});
  if (heads.empty()) return NoSuchRoot(root);
  const int64_t last_sequence = heads.front().Int();
  const Catalog catalog = ReadCatalog(session, name);
  LedgerFold fold(catalog, report, elsewhere.entries);
  SealCheck chain(name, seals::ReadInOrder(session, name),
                  elsewhere.checkpoints, report);
  ReadLedger(session, name, fold, chain);
  chain.Finish();
  CompareCounters(session, name, fold);
  fold.ComparePrices(ReadPrices(session, name, 0).prices);
  fold.Finish(last_sequence);
  CompareReservations(session, name, report);
  return report;
}

}  // namespace budget::reads
