#include "server/store/postgres/upkeep.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "server/base/uuid.h"
#include "server/domain/path.h"
#include "server/domain/reason.h"
#include "server/store/postgres/columns.h"
#include "server/store/postgres/reads.h"
#include "server/store/postgres/sql_text.h"

namespace budget::upkeep {
namespace {

// Nothing here needs more, and it never conflicts.
constexpr Statement kBegin = {"begin_upkeep",
                              "BEGIN ISOLATION LEVEL READ COMMITTED"};

constexpr Statement kAddDenials = {
    "add_denials",
    "INSERT INTO budget.denials AS x (root, path, limit_name, reason, day, "
    "  denials, requested_usd_nanos, requested_tokens, requested_requests, "
    "  last_time) "
    "SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], "
    "  $5::date[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], "
    "  $10::timestamptz[]) "
    "ON CONFLICT ON CONSTRAINT denials_pk DO UPDATE SET "
    "  denials = x.denials + excluded.denials, "
    "  requested_usd_nanos = least(2305843009213693952, "
    "    x.requested_usd_nanos + excluded.requested_usd_nanos), "
    "  requested_tokens = least(2305843009213693952, "
    "    x.requested_tokens + excluded.requested_tokens), "
    "  requested_requests = least(2305843009213693952, "
    "    x.requested_requests + excluded.requested_requests), "
    "  last_time = greatest(x.last_time, excluded.last_time)"};

// An id is forgotten only when it is old enough to be refused: $2 is the least
// version 7 id that is not.
constexpr Statement kPurge = {
    "purge_ended",
    "DELETE FROM budget.reservations AS x USING (SELECT r.root, r.id "
    "  FROM budget.reservations r WHERE r.created_at < $1::timestamptz "
    "  AND r.ended_at < $1::timestamptz "
    "  AND r.state <> 1 AND r.id < $2::uuid "
    "  AND get_byte(uuid_send(r.id), 6) >> 4 = 7 "
    "  LIMIT $3::bigint FOR UPDATE SKIP LOCKED) d "
    "WHERE x.root = d.root AND x.id = d.id"};

}  // namespace

void AddDenials(Session& session, absl::Span<const DenialCount> counts) {
  // One statement may touch each row once only; sorted, so that no two of them
  // wait for each other.
  DenialTotals totals;
  for (const DenialCount& count : counts) Add(count, totals);
  Columns columns(10);
  for (const auto& [key, count] : totals) {
    columns.Row()
        .Text(RootOf(count.allocation))
        .Text(count.allocation)
        .Text(count.limit)
        .Text(ReasonName(count.reason))
        .Text(absl::FormatCivilTime(count.day))
        .Int(count.denials)
        .Units(count.requested)
        .Time(count.last_time);
  }
  if (columns.empty()) return;
  Flight flight;
  flight.Add(kBegin);
  flight.Add(kAddDenials, columns.Take());
  flight.Commit();
  session.Fly(flight);
}

int64_t PurgeEnded(Session& session, absl::Duration retention, int max) {
  session.Run(kBegin);
  const absl::Time before = reads::ReadClock(session) - retention;
  const Result deleted = session.Run(
      kPurge, {sql_text::FromTime(before),
               Uuid::Version7(before, {0, 0}).ToString(), absl::StrCat(max)});
  session.Commit();
  return deleted.affected_rows();
}

}  // namespace budget::upkeep
