#include "tests/bench/full_database.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "budget/client.h"
#include "tests/bench/allocations.h"
#include "tests/bench/pair_caller.h"

namespace budget::bench {
namespace {

constexpr char kMouldRoot[] = "bench-mould";
constexpr char kMouldChild[] = "bench-mould/k00001";
constexpr int kRowsAtATime = 50'000;

// What replaces a column of the mould's row.
using Columns = std::map<std::string, std::string>;

// INSERTs copies of one row of the mould: `row` chooses it, `source` says how
// many and gives what the columns refer to. Columns that are not replaced,
// also those that this code does not know, stay as they are in the mould.
absl::Status Copy(const Database& database, const std::string& name,
                  const std::string& table, const std::string& row,
                  const Columns& columns, const std::string& source) {
  const auto list = database.Run(
      name, absl::Substitute("SELECT string_agg(column_name, ' ' ORDER BY "
                             "ordinal_position) FROM information_schema.columns"
                             " WHERE table_schema = 'budget' AND table_name = "
                             "'$0'", table));
  if (!list.ok()) return list.status();
  std::vector<std::string> values;
  const std::vector<std::string> all = absl::StrSplit(*list, ' ');
  for (const std::string& column : all) {
    const auto replaced = columns.find(column);
    values.push_back(replaced == columns.end() ? "m." + column
                                               : replaced->second);
  }
  return database
      .Run(name, absl::Substitute(
                     "INSERT INTO budget.$0 ($1) SELECT $2 FROM budget.$0 m, "
                     "$3 WHERE m.root = '$4' AND $5",
                     table, absl::StrJoin(all, ", "),
                     absl::StrJoin(values, ", "), source, kMouldRoot, row))
      .status();
}

// The roots to be filled as they were before, and the times of what is added:
// a microsecond after the other, for time never falls.
constexpr char kBeforeTable[] = R"sql(
CREATE TABLE bench_before AS
  SELECT root, last_sequence AS s, last_allocation AS a, last_limit AS l,
         last_time AS t
  FROM budget.roots WHERE root LIKE '$0%';
)sql";

// One child after the other, c counts them.
absl::Status AddChildren(const Database& database, const std::string& name,
                         const Filling& filling) {
  const std::string source =
      absl::StrCat("bench_before b, generate_series(1, ", filling.children,
                   ") c");
  const std::string path = "b.root || '/k' || lpad(c::text, 5, '0')";
  const std::string at = "b.t + c * interval '1 microsecond'";
  const std::string request = "md5(b.root || '/' || c)::uuid";
  const std::string pairs = absl::Substitute(
      "($0 / $1 + CASE WHEN c <= $0 % $1 THEN 1 ELSE 0 END)", filling.pairs,
      filling.children);
  struct Part {
    const char* table;
    const char* row;
    Columns columns;
  };
  const Part parts[] = {
      {"allocations", "m.allocation_id = 2",
       {{"root", "b.root"}, {"allocation_id", "b.a + c"}, {"path", path},
        {"created_at", at}, {"updated_at", at}}},
      {"limits", "m.limit_id = 2",
       {{"root", "b.root"}, {"limit_id", "b.l + c"},
        {"allocation_id", "b.a + c"}}},
      {"counters", "m.limit_id = 2",
       {{"root", "b.root"}, {"limit_id", "b.l + c"},
        {"spent", "m.spent * " + pairs}, {"as_of", at}}},
      {"admin_requests", "m.request = (SELECT request FROM budget.ledger WHERE "
       "root = m.root AND sequence = 2)",
       {{"root", "b.root"}, {"request", request}, {"at", at}}},
      {"ledger", "m.sequence = 2",
       {{"root", "b.root"}, {"sequence", "b.s + c"}, {"at", at},
        {"request", request}, {"cap_limits", "ARRAY[b.l + c]"},
        {"detail", absl::Substitute("replace(m.detail::text, '$0', $1)::jsonb",
                                    kMouldChild, path)}}},
  };
  for (const Part& part : parts) {
    const absl::Status status =
        Copy(database, name, part.table, part.row, part.columns, source);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Pairs `first` to `last` of every root, so that the rows of different roots
// lie side by side as they would had they come with time. n counts the pairs
// of a root from 1; a pair belongs to child (n - 1) % children + 1.
absl::Status AddPairs(const Database& database, const std::string& name,
                      const Filling& filling, int first, int last) {
  const std::string source =
      absl::Substitute("generate_series($0, $1) n, bench_before b, "
                       "LATERAL (SELECT (n - 1) % $2 + 1 AS c, b.t + "
                       "interval '1 microsecond' * ($2 + 2 * n) AS at) x, "
                       // A version 7 id of that time.
                       "LATERAL (SELECT (lpad(to_hex((extract(epoch FROM x.at) "
                       "* 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n % "
                       "4096), 3, '0') || 'a' || left(md5(b.root || n), 15))"
                       "::uuid AS id) y",
                       first, last, filling.children);
  const std::string child = "ARRAY[b.a + x.c]";
  const std::string pins = "ARRAY[1, b.l + x.c]";
  const std::string sequence =
      absl::StrCat("b.s + ", filling.children, " + 2 * n");
  const Columns entry = {{"root", "b.root"},    {"reservation", "y.id"},
                         {"at", "x.at"},        {"admitted_at", "x.at"},
                         {"allocations", child}, {"pin_limits", pins}};
  Columns reserve = entry;
  reserve["sequence"] = sequence + " - 1";
  Columns settle = entry;
  settle["sequence"] = sequence;
  const Columns reservation = {
      {"root", "b.root"},      {"id", "y.id"},
      {"created_at", "x.at"},  {"expires_at", "x.at + interval '10 minutes'"},
      {"ended_at", "x.at"},    {"allocation_ids", child},
      {"pin_limits", pins},    {"reserve_sequence", sequence + " - 1"}};
  absl::Status status =
      Copy(database, name, "ledger", "m.kind = 1", reserve, source);
  if (status.ok()) {
    status = Copy(database, name, "ledger", "m.kind = 3", settle, source);
  }
  if (!status.ok()) return status;
  return Copy(database, name, "reservations", "true", reservation, source);
}

constexpr char kUnsealedEntries[] = R"sql(
SELECT sum(last_sequence) - (SELECT
  coalesce(sum(last_sequence - first_sequence + 1), 0) FROM budget.seals)
FROM budget.roots
)sql";

constexpr char kHeads[] = R"sql(
UPDATE budget.roots r SET
  last_sequence = b.s + $0 + 2 * $1, last_allocation = b.a + $0,
  last_limit = b.l + $0, last_time = b.t + interval '1 microsecond' * ($0 + 2 * $1)
FROM bench_before b WHERE r.root = b.root;
UPDATE budget.counters x SET spent = x.spent + m.spent * $1
FROM bench_before b, budget.counters m
WHERE x.root = b.root AND x.limit_id = 1
  AND m.root = '$2' AND m.limit_id = 2;
)sql";

// The heads of the roots, and what all their children spent together.
absl::Status MoveRoots(const Database& database, const std::string& name,
                       const Filling& filling) {
  absl::Status status =
      database
          .Run(name, absl::Substitute(kHeads, filling.children, filling.pairs,
                                      kMouldRoot))
          .status();
  if (!status.ok()) return status;
  // A root that nobody used yet has no counter.
  status = Copy(database, name, "counters", "m.limit_id = 1",
                {{"root", "b.root"},
                 {"spent", absl::StrCat("m.spent * ", filling.pairs)}},
                "(SELECT root FROM bench_before EXCEPT SELECT root FROM "
                "budget.counters WHERE limit_id = 1) b");
  if (!status.ok()) return status;
  return database.Run(name, "DROP TABLE bench_before").status();
}

}  // namespace

std::vector<v1::Allocation> MouldAllocations() {
  return {FlatAllocation(kMouldRoot), FlatAllocation(kMouldChild)};
}

absl::Status UseMould(const Channels& channels) {
  const Callers callers =
      MakePairCallers(OneAllocation("mould", kMouldChild), 1, 1);
  // The first Reserve, and the Settle that finishes it.
  const LoadResult result = RunClosedLoop(
      channels, callers,
      {.warm_up = absl::ZeroDuration(), .duration = absl::ZeroDuration()});
  if (result.operations_outside == 2) return absl::OkStatus();
  return absl::InternalError("the mould could not be reserved and settled");
}

absl::Status FillDatabase(
    const Database& database, const std::string& name, const Filling& filling,
    const std::function<absl::Status(const std::string&)>& on_progress) {
  absl::Status status =
      database.Run(name, absl::Substitute(kBeforeTable, filling.prefix))
          .status();
  if (!status.ok()) return status;
  const auto roots = database.Run(name, "SELECT count(*) FROM bench_before");
  if (!roots.ok()) return roots.status();
  status = on_progress(absl::StrCat("filling: ", *roots, " roots with ",
                                    filling.children, " allocations each"));
  if (status.ok()) status = AddChildren(database, name, filling);
  if (!status.ok()) return status;
  const int chunk = std::max(1, kRowsAtATime / std::max(1, std::stoi(*roots)));
  for (int first = 1; first <= filling.pairs; first += chunk) {
    status =
        on_progress(absl::StrCat("filling: pair ", first, " of ",
                                 filling.pairs, " of ", *roots, " roots"));
    if (!status.ok()) return status;
    status = AddPairs(database, name, filling, first,
                      std::min(filling.pairs, first + chunk - 1));
    if (!status.ok()) return status;
  }
  return MoveRoots(database, name, filling);
}

absl::Status SettleDown(const Database& database, const std::string& name) {
  for (const char* sql : {"VACUUM (ANALYZE)", "CHECKPOINT"}) {
    const absl::Status status = database.Run(name, sql).status();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status AwaitSeals(
    const Database& database, const std::string& name,
    const std::function<absl::Status(const std::string&)>& on_progress) {
  std::string before;
  absl::Time moved = absl::Now();
  while (absl::Now() - moved < absl::Minutes(1)) {
    const auto left = database.Run(name, kUnsealedEntries);
    if (!left.ok()) return left.status();
    if (*left == "0") return absl::OkStatus();
    if (*left != before) moved = absl::Now();
    before = *left;
    const absl::Status status = on_progress(
        absl::StrCat("sealing the full database: ", *left, " entries left"));
    if (!status.ok()) return status;
    absl::SleepFor(absl::Seconds(1));
  }
  return absl::InternalError(
      absl::StrCat(before, " entries of the ledger stay without a seal"));
}

absl::Status VerifyBooks(const std::string& endpoint, const std::string& root) {
  auto connection = MakeConnection({.endpoints = {endpoint}});
  if (!connection.ok()) return connection.status();
  v1::VerifyRequest request;
  request.set_root(root);
  const auto verify =
      Client(*std::move(connection)).Verify(request, {absl::Minutes(2)});
  if (!verify.ok()) return verify.status();
  if (verify->ok()) return absl::OkStatus();
  const v1::Discrepancy& first = verify->discrepancies(0);
  return absl::InternalError(absl::StrCat(
      verify->discrepancies_total(), " discrepancies in ", root, ", such as ",
      first.subject(), ": ledger ", first.ledger(), ", stored ",
      first.stored()));
}

}  // namespace budget::bench
