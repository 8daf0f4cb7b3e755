#include "server/store/postgres/reads.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "server/domain/path.h"
#include "server/store/postgres/failure.h"
#include "server/store/postgres/reason_names.h"
#include "server/store/postgres/rows.h"
#include "server/store/postgres/sql_text.h"

namespace budget::reads {
namespace {

// Which allocations and limits the items of a page name.
struct Names {
  std::set<AllocationId> allocations;
  std::set<LimitId> limits;
};

Statement NamedLimits() {
  static const auto* const sql = new std::string(
      absl::StrCat("SELECT ", kLimitColumns,
                   " FROM budget.limits x "
                   "WHERE x.root = $1 AND x.limit_id = ANY($2::int[])"));
  return {"named_limits", sql->c_str()};
}

Statement NamedAllocations() {
  static const auto* const sql = new std::string(
      absl::StrCat("SELECT ", kAllocationColumns,
                   " FROM budget.allocations x "
                   "WHERE x.root = $1 AND x.allocation_id = ANY($2::int[])"));
  return {"named_allocations", sql->c_str()};
}

Statement LimitsInForce() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT ", kLimitColumns,
      " FROM budget.limits x WHERE x.root = $1 AND NOT x.removed "
      "  AND x.allocation_id = ANY($2::int[])"));
  return {"limits_in_force", sql->c_str()};
}

Statement AllAllocations() {
  static const auto* const sql = new std::string(
      absl::StrCat("SELECT ", kAllocationColumns,
                   " FROM budget.allocations x WHERE x.root = $1"));
  return {"all_allocations", sql->c_str()};
}

Statement AllLimits() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT ", kLimitColumns, " FROM budget.limits x WHERE x.root = $1"));
  return {"all_limits", sql->c_str()};
}

// $1 is the root or NULL for all, $2 the path, $6 the subtrees or NULL.
Statement AllocationPage() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT ", kAllocationColumns,
      " FROM budget.allocations x WHERE ($1::text IS NULL OR (x.root = $1 "
      "  AND (x.path = $2 OR (x.path > $2 || '/' AND x.path < $2 || '0')))) "
      "AND (x.path > $3::text) AND ($4::bool OR NOT x.archived) "
      "AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6) AS s(path) "
      "  WHERE s.path = '*' OR x.path = s.path "
      "    OR (x.path > s.path || '/' AND x.path < s.path || '0'))) "
      "ORDER BY x.path LIMIT $5::bigint"));
  return {"list_allocations", sql->c_str()};
}

// $3 is the state or NULL, $4 and $5 the cursor or NULL, $7 the subtrees or
// NULL.
Statement ReservationPage() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT ", kReservationColumns,
      " FROM budget.reservations x WHERE x.root = $1 "
      "AND x.reserve_sequence >= 0 "
      "AND ($1::text = $2::text OR x.allocation_ids && ARRAY("
      "  SELECT a.allocation_id FROM budget.allocations a WHERE a.root = $1 "
      "  AND (a.path = $2 OR (a.path > $2 || '/' AND a.path < $2 || '0')))) "
      "AND ($7::text[] IS NULL OR x.allocation_ids <@ ARRAY("
      "  SELECT a.allocation_id FROM budget.allocations a, "
      "    unnest($7) AS s(path) WHERE a.root = $1 AND (s.path = '*' "
      "    OR a.path = s.path "
      "    OR (a.path > s.path || '/' AND a.path < s.path || '0')))) "
      "AND ($3::smallint IS NULL OR x.state = $3) "
      "AND ($4::timestamptz IS NULL "
      "  OR (x.created_at, x.id) < ($4::timestamptz, $5::uuid)) "
      "ORDER BY x.created_at DESC, x.id DESC LIMIT $6::bigint"));
  return {"list_reservations", sql->c_str()};
}

Statement LedgerPage() {
  static const auto* const sql = new std::string(absl::StrCat(
      "SELECT ", kLedgerColumns,
      " FROM budget.ledger x WHERE x.root = $1 AND x.sequence > $2::bigint "
      "AND ($3::uuid IS NULL OR x.reservation = $3) "
      "ORDER BY x.sequence LIMIT $4::bigint"));
  return {"list_ledger", sql->c_str()};
}

constexpr Statement kClock = {"clock", "SELECT clock_timestamp()"};

constexpr Statement kListDenials = {
    "list_denials",
    "SELECT x.path, x.limit_name, x.reason, x.day::text, x.denials, "
    "  x.requested_usd_nanos, x.requested_tokens, x.requested_requests, "
    "  x.last_time FROM budget.denials x WHERE x.root = $1 "
    "AND (x.path = $2 OR (x.path > $2 || '/' AND x.path < $2 || '0')) "
    "ORDER BY x.day DESC, x.path, x.limit_name, x.reason "
    "LIMIT $3::bigint OFFSET $4::bigint"};

constexpr Statement kPriceVersion = {
    "read_price_version",
    "SELECT price_version FROM budget.roots WHERE root = $1"};

constexpr Statement kReadPrices = {
    "read_prices",
    "SELECT model, meters FROM budget.prices "
    "WHERE root = $1 AND version = $2::bigint ORDER BY model"};

constexpr Statement kRootsDue = {
    "roots_due",
    "SELECT d.root FROM (SELECT root FROM budget.roots "
    "  WHERE next_due <= now() ORDER BY next_due LIMIT $1::bigint) d "
    "ORDER BY d.root"};

constexpr Statement kLastSequences = {
    "last_sequences",
    "SELECT root, last_sequence FROM budget.roots "
    "WHERE root = ANY($1::text[])"};

constexpr Statement kRoots = {
    "roots",
    "SELECT root FROM budget.roots WHERE root > $1 "
    "ORDER BY root LIMIT $2::bigint"};

// No open reservation expires before its root's next_due. Root by root, along
// the index of expiry: as a join it would read the reservations of all time.
constexpr Statement kOpenHolds = {
    "open_holds",
    "SELECT coalesce(sum(x.holds), 0)::bigint, "
    "  least(coalesce(sum(x.usd_nanos), 0), 2305843009213693952)::bigint, "
    "  least(coalesce(sum(x.tokens), 0), 2305843009213693952)::bigint, "
    "  least(coalesce(sum(x.requests), 0), 2305843009213693952)::bigint "
    "FROM budget.roots o CROSS JOIN LATERAL (SELECT count(*) AS holds, "
    "    sum(r.held_usd_nanos) AS usd_nanos, sum(r.held_tokens) AS tokens, "
    "    sum(r.held_requests) AS requests FROM budget.reservations r "
    "  WHERE r.root = o.root AND r.expires_at >= o.next_due "
    "    AND r.reserve_sequence >= 0 AND r.state = 1) x "
    "WHERE o.next_due IS NOT NULL"};

constexpr Statement kLongestDue = {
    "longest_due",
    "SELECT coalesce(extract(epoch FROM now() - min(x.expires_at)) * "
    "  1000000, 0)::bigint "
    "FROM (SELECT root, next_due FROM budget.roots "
    "  WHERE next_due <= now() ORDER BY next_due LIMIT 1000) o "
    "CROSS JOIN LATERAL (SELECT r.expires_at FROM budget.reservations r "
    "  WHERE r.root = o.root AND r.expires_at >= o.next_due "
    "  AND r.expires_at <= now() AND r.reserve_sequence >= 0 AND r.state = 1 "
    "  ORDER BY r.expires_at LIMIT 1) x"};

Parameter Subtrees(const std::optional<std::vector<std::string>>& within) {
  if (!within) return std::nullopt;
  sql_text::ArrayBuilder subtrees;
  for (const std::string& subtree : *within) subtrees.AddText(subtree);
  return subtrees.Take();
}

std::string Limit(int page_size) { return absl::StrCat(page_size + 1); }

// The page has one item too many where there are more.
template <typename T>
void Cut(int page_size, Page<T>& page) {
  page.more = static_cast<int>(page.items.size()) > page_size;
  if (page.more) page.items.resize(page_size);
}

void PutAllocations(const Result& rows, Catalog& catalog) {
  for (RowReader row : rows) {
    catalog.Put(ReadAllocation(row));
  }
}

void PutLimits(const Result& rows, Catalog& catalog) {
  for (RowReader row : rows) {
    catalog.Put(ReadLimit(row));
  }
}

Catalog ReadNames(Session& session, const std::string& root, Names names) {
  Catalog catalog;
  PutLimits(session.Run(NamedLimits(),
                        {root, sql_text::FromNumbers(names.limits)}),
            catalog);
  for (const auto& [id, limit] : catalog.limits()) {
    names.allocations.insert(limit->allocation);
  }
  PutAllocations(session.Run(NamedAllocations(),
                             {root, sql_text::FromNumbers(names.allocations)}),
                 catalog);
  return catalog;
}

// Ids are unique within a root only, so there is no catalog of several.
void AddLimitsInForce(Session& session, Page<Allocation>& page) {
  if (page.items.empty()) return;
  const std::string root(RootOf(page.items.front().path));
  std::vector<AllocationId> ids;
  for (const Allocation& allocation : page.items) {
    if (RootOf(allocation.path) != root) return;
    ids.push_back(allocation.id);
  }
  for (const Allocation& allocation : page.items) page.catalog.Put(allocation);
  PutLimits(session.Run(LimitsInForce(),
                        {root, sql_text::FromNumbers(ids)}),
            page.catalog);
}

DenialCount ReadDenial(RowReader& row) {
  DenialCount count;
  count.allocation = row.Text();
  count.limit = row.Text();
  count.reason = ReasonFromName(row.View());
  if (!absl::ParseCivilTime(row.View(), &count.day)) {
    throw InvariantBroken("a day in the denials is not a date");
  }
  count.denials = row.Int();
  count.requested = row.Units();
  count.last_time = row.Time();
  return count;
}

}  // namespace

absl::Time ReadClock(Session& session) {
  const Result rows = session.Run(kClock);
  return rows.front().Time();
}

Catalog ReadCatalog(Session& session, const std::string& root) {
  Catalog catalog;
  PutAllocations(
      session.Run(AllAllocations(), {root}), catalog);
  PutLimits(session.Run(AllLimits(), {root}), catalog);
  return catalog;
}

Page<Allocation> ListAllocations(Session& session,
                                 const AllocationFilter& filter) {
  Page<Allocation> page;
  page.read_time = ReadClock(session);
  std::optional<std::string> root;
  if (!filter.under.empty()) root = std::string(RootOf(filter.under));
  const Result rows = session.Run(AllocationPage(),
                   {root, filter.under, filter.after,
                    std::string(filter.include_archived ? "t" : "f"),
                    Limit(filter.page_size), Subtrees(filter.within)});
  for (RowReader row : rows) {
    page.items.push_back(ReadAllocation(row));
  }
  Cut(filter.page_size, page);
  AddLimitsInForce(session, page);
  return page;
}

Page<Reservation> ListReservations(Session& session,
                                   const ReservationFilter& filter) {
  Page<Reservation> page;
  page.read_time = ReadClock(session);
  const std::string root(RootOf(filter.under));
  Parameters parameters = {root, filter.under, std::nullopt, std::nullopt,
                           std::nullopt, Limit(filter.page_size),
                           Subtrees(filter.within)};
  if (filter.state) {
    parameters[2] = absl::StrCat(static_cast<int>(*filter.state));
  }
  if (filter.after) {
    parameters[3] = sql_text::FromTime(filter.after->created_at);
    parameters[4] = filter.after->id.ToString();
  }
  Names names;
  const Result rows = session.Run(ReservationPage(), parameters);
  for (RowReader row : rows) {
    page.items.push_back(ReadReservation(row));
    const Reservation& read = page.items.back();
    names.allocations.insert(read.terms->allocation_ids.begin(),
                             read.terms->allocation_ids.end());
    for (const Pin& pin : read.pins) names.limits.insert(pin.limit);
    for (const Crossing& crossing : read.crossed_at_reserve) {
      names.limits.insert(crossing.limit);
    }
  }
  Cut(filter.page_size, page);
  page.catalog = ReadNames(session, root, std::move(names));
  for (Reservation& reservation : page.items) {
    NameAllocations(page.catalog, reservation);
  }
  return page;
}

Page<LedgerEntry> ListLedger(Session& session, const LedgerFilter& filter) {
  Page<LedgerEntry> page;
  page.read_time = ReadClock(session);
  std::optional<std::string> reservation;
  if (filter.reservation) reservation = filter.reservation->ToString();
  Names names;
  const Result rows = session.Run(LedgerPage(),
                   {filter.root, absl::StrCat(filter.after_sequence),
                    reservation, Limit(filter.page_size)});
  for (RowReader row : rows) {
    page.items.push_back(ReadLedgerEntry(row));
    const LedgerEntry& entry = page.items.back();
    names.allocations.insert(entry.allocations.begin(),
                             entry.allocations.end());
    for (const Pin& pin : entry.pins) names.limits.insert(pin.limit);
    for (const CapChange& cap : entry.caps) names.limits.insert(cap.limit);
  }
  Cut(filter.page_size, page);
  page.catalog = ReadNames(session, filter.root, std::move(names));
  return page;
}

Page<DenialCount> ListDenials(Session& session, const DenialFilter& filter) {
  Page<DenialCount> page;
  page.read_time = ReadClock(session);
  const Result rows = session.Run(kListDenials, {std::string(RootOf(filter.under)),
                                  filter.under, Limit(filter.page_size),
                                  absl::StrCat(filter.offset)});
  for (RowReader row : rows) {
    page.items.push_back(ReadDenial(row));
  }
  Cut(filter.page_size, page);
  return page;
}

PriceTable ReadPrices(Session& session, absl::string_view root,
                      int64_t version) {
  PriceTable table;
  const std::string name(root);
  const Result versions = session.Run(kPriceVersion, {name});
  if (versions.empty()) return table;
  const int64_t in_force = versions.front().Int();
  if (version < 0 || version > in_force) return table;
  table.version = version == 0 ? in_force : version;
  const Result rows = session.Run(kReadPrices, {name, absl::StrCat(table.version)});
  for (RowReader row : rows) {
    ModelPrice price;
    price.model = row.Text();
    price.usd_nanos_per_million = sql_text::ToNumberMap(row.Json());
    table.prices.push_back(std::move(price));
  }
  return table;
}

std::vector<std::string> RootsDue(Session& session, int max) {
  std::vector<std::string> roots;
  const Result rows = session.Run(kRootsDue, {absl::StrCat(max)});
  for (RowReader row : rows) roots.push_back(row.Text());
  return roots;
}

std::vector<std::string> Roots(Session& session, absl::string_view after,
                               int max) {
  std::vector<std::string> roots;
  const Result rows =
      session.Run(kRoots, {std::string(after), absl::StrCat(max)});
  for (RowReader row : rows) roots.push_back(row.Text());
  return roots;
}

OpenHolds ReadOpenHolds(Session& session) {
  const Result rows = session.Run(kOpenHolds);
  RowReader row = rows.front();
  OpenHolds holds{.reservations = row.Int()};
  holds.held = row.Units();
  return holds;
}

absl::Duration LongestDue(Session& session) {
  return absl::Microseconds(session.Run(kLongestDue).front().Int());
}

std::map<std::string, int64_t> LastSequences(
    Session& session, absl::Span<const std::string> roots) {
  sql_text::ArrayBuilder names;
  for (const std::string& root : roots) names.AddText(root);
  std::map<std::string, int64_t> sequences;
  const Result rows = session.Run(kLastSequences, {names.Take()});
  for (RowReader row : rows) {
    std::string root = row.Text();
    sequences[std::move(root)] = row.Int();
  }
  return sequences;
}

}  // namespace budget::reads
