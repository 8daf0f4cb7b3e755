#include "server/store/postgres/seals.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "server/store/postgres/columns.h"
#include "server/store/postgres/reads.h"
#include "server/store/postgres/row_array.h"
#include "server/store/postgres/rows.h"

namespace budget::seals {
namespace {

// One call holds a connection of the writers for some tens of milliseconds.
constexpr int kRootsMax = 32;
constexpr int64_t kEntriesMax = 4096;
constexpr int64_t kEntriesOfARootMin = kEntriesMax / kRootsMax;

// Read at once by Verify.
constexpr int kSealsAtOnce = 200;

constexpr RowType kSealRow = {"seal_row", 5};

// Entries never change and are numbered in the order of their commits, so what
// one statement sees after the last seal is what any other sees, or the
// beginning of it.
constexpr Statement kBegin = {"begin_seals",
                              "BEGIN ISOLATION LEVEL READ COMMITTED"};

constexpr Statement kUnsealed = {
    "unsealed_roots",
    "SELECT r.root, coalesce(s.first_sequence, 0), "
    "  coalesce(s.last_sequence, 0), s.hash "
    "FROM budget.roots r LEFT JOIN LATERAL ("
    "  SELECT z.first_sequence, z.last_sequence, z.hash FROM budget.seals z "
    "  WHERE z.root = r.root ORDER BY z.first_sequence DESC LIMIT 1) s ON true "
    "WHERE r.root > $1 AND r.last_sequence > coalesce(s.last_sequence, 0) "
    "ORDER BY r.root LIMIT $2::bigint"};

// What is there of seals by their keys.
constexpr Statement kSealsAt = {
    "seals_at",
    "SELECT k.root, z.first_sequence, z.last_sequence, z.hash "
    "FROM unnest($1::text[], $2::bigint[]) AS k(root, first_sequence) "
    "JOIN LATERAL (SELECT * FROM budget.seals x WHERE x.root = k.root "
    "  AND x.first_sequence = k.first_sequence LIMIT 1) z ON true"};

// Of two replicas that seal the same entries one comes later and does nothing.
constexpr Statement kInsert = {
    "insert_seals",
    "INSERT INTO budget.seals "
    "  (root, first_sequence, last_sequence, hash, marks) "
    "SELECT d.root, d.first_sequence, d.last_sequence, d.hash, d.marks "
    "FROM unnest($1::budget.seal_row[]) AS d "
    "ON CONFLICT ON CONSTRAINT seals_pk DO NOTHING "
    "RETURNING last_sequence - first_sequence + 1"};

constexpr Statement kHead = {
    "sealed_head",
    "SELECT coalesce(s.last_sequence, 0), s.hash "
    "FROM budget.roots r LEFT JOIN LATERAL ("
    "  SELECT z.last_sequence, z.hash FROM budget.seals z "
    "  WHERE z.root = r.root ORDER BY z.first_sequence DESC LIMIT 1) s ON true "
    "WHERE r.root = $1"};

constexpr Statement kSealsAfter = {
    "verify_seals",
    "SELECT first_sequence, last_sequence, hash, marks FROM budget.seals "
    "WHERE root = $1 AND first_sequence > $2::bigint "
    "ORDER BY first_sequence LIMIT $3::bigint"};

// What is not there is empty: constraints can be taken away.
absl::string_view ReadBytes(RowReader& row) {
  if (!row.IsNull()) return row.View();
  row.Skip();
  return "";
}

// A hash of another length is none that was made here: no chain has it.
Sha256Digest ReadHash(RowReader& row) {
  Sha256Digest hash{};
  const absl::string_view bytes = ReadBytes(row);
  if (bytes.size() == hash.size()) {
    std::copy(bytes.begin(), bytes.end(), hash.begin());
  }
  return hash;
}

ChainHead ReadHead(RowReader& row) {
  ChainHead head{.sequence = row.Int()};
  head.hash = ReadHash(row);
  return head;
}

struct Unsealed {
  std::string root;
  SealsSeen::Seen last;  // zero where there is none yet
};

Unsealed ReadLast(RowReader& row) {
  Unsealed root{.root = row.Text()};
  root.last.first = row.Int();
  root.last.head = ReadHead(row);
  return root;
}

std::vector<Unsealed> ReadUnsealed(Session& session,
                                   const std::string& after_root) {
  Flight flight;
  flight.Add(kBegin);
  const size_t heads =
      flight.Add(kUnsealed, {after_root, absl::StrCat(kRootsMax)});
  const std::vector<Result> results = session.Fly(flight);
  std::vector<Unsealed> roots;
  for (RowReader row : results[heads]) roots.push_back(ReadLast(row));
  return roots;
}

// Those of which a seal was `seen` that is there no more, or another one.
absl::flat_hash_set<std::string> FindLost(Session& session,
                                          const std::vector<Unsealed>& roots,
                                          const SealsSeen& seen) {
  absl::flat_hash_map<std::string, SealsSeen::Seen> expected;
  Columns keys(2);
  for (const Unsealed& root : roots) {
    const std::optional<SealsSeen::Seen> last = seen.Of(root.root);
    if (!last || *last == root.last) continue;
    keys.Row().Text(root.root).Int(last->first);
    expected.emplace(root.root, *last);
  }
  absl::flat_hash_set<std::string> lost;
  if (keys.empty()) return lost;
  const Result rows = session.Run(kSealsAt, keys.Take());
  for (RowReader row : rows) {
    const Unsealed there = ReadLast(row);
    if (expected.at(there.root) == there.last) expected.erase(there.root);
  }
  for (const auto& [root, last] : expected) lost.insert(root);
  return lost;
}

std::vector<Result> ReadEntries(Session& session,
                                const std::vector<Unsealed>& roots) {
  const int64_t of_each = std::max(
      kEntriesOfARootMin, kEntriesMax / static_cast<int64_t>(roots.size()));
  Flight flight;
  for (const Unsealed& root : roots) {
    flight.Add(reads::LedgerAfter(),
               {root.root, absl::StrCat(root.last.head.sequence),
                absl::StrCat(of_each)});
  }
  return session.Fly(flight);
}

// Seals the entries as far as they are the next ones.
Sealing SealNext(const Unsealed& root, const Result& entries) {
  Sealing sealing(root.root, root.last.head);
  for (RowReader row : entries) {
    const std::optional<LedgerEntry> entry = TryReadLedgerEntry(row);
    if (!entry || !sealing.Add(*entry)) break;
  }
  return sealing;
}

void Put(const std::string& root, const Seal& seal, RowArray& rows) {
  rows.Row()
      .Text(root)
      .Int8(seal.first)
      .Int8(seal.last)
      .Bytes(BytesOf(seal.hash))
      .Bytes(seal.marks);
}

using Seals = std::vector<std::pair<std::string, Seal>>;

// Seals what can be; the roots of which nothing can are broken.
Seals SealAll(Session& session, const std::vector<Unsealed>& roots,
              SealsSeen& seen, SealProgress& progress) {
  Seals seals;
  if (roots.empty()) return seals;
  const auto lost = FindLost(session, roots, seen);
  const std::vector<Result> entries = ReadEntries(session, roots);
  for (size_t i = 0; i < roots.size(); ++i) {
    const Unsealed& root = roots[i];
    const bool is_lost = lost.contains(root.root);
    if (!is_lost && root.last.first != 0) seen.Note(root.root, root.last);
    const Sealing sealing = SealNext(root, entries[i]);
    if (is_lost || sealing.empty()) {
      progress.broken.push_back(root.root);
    } else {
      seals.emplace_back(root.root, sealing.seal());
    }
  }
  return seals;
}

void InsertAndCommit(Session& session, const Seals& seals,
                     SealProgress& progress) {
  RowArray rows(kSealRow);
  for (const auto& [root, seal] : seals) Put(root, seal, rows);
  const int64_t tried = rows.rows();
  Flight flight;
  const size_t inserted = flight.Add(kInsert, {session.Take(rows)});
  flight.Commit();
  const std::vector<Result> results = session.Fly(flight);
  for (RowReader row : results[inserted]) progress.entries += row.Int();
  progress.met_rival = results[inserted].size() < tried;
}

}  // namespace

SealProgress SealLedgers(Session& session, const std::string& after_root,
                         SealsSeen& seen) {
  SealProgress progress;
  const std::vector<Unsealed> roots = ReadUnsealed(session, after_root);
  if (roots.size() == kRootsMax) progress.next_after = roots.back().root;
  const Seals seals = SealAll(session, roots, seen, progress);
  if (seals.empty()) {
    session.Rollback();
    return progress;
  }
  InsertAndCommit(session, seals, progress);
  if (progress.met_rival) return progress;
  for (const auto& [root, seal] : seals) {
    seen.Note(root, {seal.first, {seal.last, seal.hash}});
  }
  return progress;
}

absl::StatusOr<SealedHead> ReadSealed(Session& session,
                                      absl::string_view root) {
  const Result heads = session.Run(kHead, {std::string(root)});
  if (heads.empty()) return reads::NoSuchRoot(root);
  RowReader row = heads.front();
  return SealedHead{ReadHead(row), reads::ReadClock(session)};
}

SealCheck::NextSeal ReadInOrder(Session& session, const std::string& root) {
  struct Cursor {
    std::vector<Seal> page;
    size_t at = 0;
    int64_t after = std::numeric_limits<int64_t>::min();
  };
  return [&session, root, cursor = std::make_shared<Cursor>()]()
             -> std::optional<Seal> {
    if (cursor->at == cursor->page.size()) {
      cursor->page.clear();
      cursor->at = 0;
      const Result rows = session.Run(
          kSealsAfter,
          {root, absl::StrCat(cursor->after), absl::StrCat(kSealsAtOnce)});
      for (RowReader row : rows) {
        Seal seal{.first = row.Int(), .last = row.Int()};
        seal.hash = ReadHash(row);
        seal.marks = std::string(ReadBytes(row));
        cursor->after = seal.first;
        cursor->page.push_back(std::move(seal));
      }
    }
    if (cursor->page.empty()) return std::nullopt;
    return cursor->page[cursor->at++];
  };
}

}  // namespace budget::seals
