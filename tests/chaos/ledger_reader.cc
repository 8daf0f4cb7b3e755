#include "tests/chaos/ledger_reader.h"

#include <optional>
#include <pqxx/pqxx>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace budget::chaos {
namespace {

// The numbers of "{1,NULL,3}".
std::vector<std::optional<int64_t>> Numbers(absl::string_view array) {
  array.remove_prefix(1);
  array.remove_suffix(1);
  std::vector<std::optional<int64_t>> numbers;
  for (absl::string_view text :
       absl::StrSplit(array, ',', absl::SkipEmpty())) {
    int64_t number = 0;
    numbers.push_back(absl::SimpleAtoi(text, &number)
                          ? std::optional<int64_t>(number)
                          : std::nullopt);
  }
  return numbers;
}

absl::string_view TextOf(const pqxx::row& row, int column) {
  const auto field = row[column];
  return absl::string_view(field.c_str(), field.size());
}

int64_t IntOf(const pqxx::row& row, int column) {
  return row[column].as<int64_t>();
}

Units UnitsOf(const pqxx::row& row, int column) {
  return {IntOf(row, column), IntOf(row, column + 1), IntOf(row, column + 2)};
}

constexpr int kEntriesAtOnce = 5000;

constexpr char kEntries[] =
    "SELECT sequence, (extract(epoch FROM at) * 1000000)::bigint, kind, "
    "reservation, pin_limits, pin_windows, spent_usd_nanos, spent_tokens, "
    "spent_requests, reserved_usd_nanos, reserved_tokens, reserved_requests, "
    "overage_usd_nanos, overage_tokens, overage_requests, cap_limits, "
    "cap_values, detail @> '[[\"final\", \"true\"]]', "
    "detail @> '[[\"late\", \"true\"]]', request FROM budget.ledger "
    "WHERE root = ";

Entry EntryOf(const pqxx::row& row) {
  Entry entry;
  entry.sequence = IntOf(row, 0);
  entry.at_micros = IntOf(row, 1);
  entry.kind = static_cast<int>(IntOf(row, 2));
  if (!row[3].is_null()) entry.reservation = Uuid::Parse(TextOf(row, 3));
  const auto limits = Numbers(TextOf(row, 4));
  const auto windows = Numbers(TextOf(row, 5));
  for (size_t i = 0; i < limits.size(); ++i) {
    entry.pins.push_back({static_cast<int>(*limits[i]), *windows[i]});
  }
  entry.spent = UnitsOf(row, 6);
  entry.reserved = UnitsOf(row, 9);
  entry.overage = UnitsOf(row, 12);
  const auto capped = Numbers(TextOf(row, 15));
  const auto caps = Numbers(TextOf(row, 16));
  for (size_t i = 0; i < capped.size(); ++i) {
    entry.caps.emplace_back(static_cast<int>(*capped[i]), caps[i]);
  }
  entry.final = row[17].as<bool>();
  entry.late = row[18].as<bool>();
  if (!row[19].is_null()) entry.request = Uuid::Parse(TextOf(row, 19));
  return entry;
}

std::vector<Entry> ReadEntries(pqxx::transaction_base& transaction,
                               const std::string& root, int64_t sequence,
                               int max) {
  std::vector<Entry> entries;
  for (const auto& row : transaction.exec(absl::StrCat(
           kEntries, transaction.quote(root), " AND sequence > ", sequence,
           " ORDER BY sequence LIMIT ", max))) {
    entries.push_back(EntryOf(row));
  }
  return entries;
}

std::vector<StoredCounter> ReadCounters(pqxx::transaction_base& transaction,
                                        const std::string& root) {
  std::vector<StoredCounter> counters;
  for (const auto& row : transaction.exec(absl::StrCat(
           "SELECT limit_id, window_key, spent, reserved, overage, "
           "(extract(epoch FROM as_of) * 1000000)::bigint "
           "FROM budget.counters WHERE root = ", transaction.quote(root)))) {
    counters.push_back({{static_cast<int>(IntOf(row, 0)), IntOf(row, 1)},
                        IntOf(row, 2), IntOf(row, 3), IntOf(row, 4),
                        IntOf(row, 5)});
  }
  return counters;
}

}  // namespace

struct LedgerReader::Session {
  explicit Session(const std::string& uri) : connection(uri) {}
  pqxx::connection connection;
};

LedgerReader::LedgerReader(const std::string& uri)
    : session_(std::make_unique<Session>(uri)) {}

LedgerReader::~LedgerReader() = default;

std::vector<Entry> LedgerReader::EntriesAfter(const std::string& root,
                                              int64_t sequence, int max) {
  pqxx::nontransaction transaction(session_->connection);
  return ReadEntries(transaction, root, sequence, max);
}

std::vector<StoredCounter> LedgerReader::Follow(
    const std::string& root, int64_t sequence,
    absl::FunctionRef<void(const Entry&)> add) {
  pqxx::transaction<pqxx::isolation_level::repeatable_read> transaction(
      session_->connection);
  while (true) {
    const auto entries =
        ReadEntries(transaction, root, sequence, kEntriesAtOnce);
    if (entries.empty()) return ReadCounters(transaction, root);
    for (const Entry& entry : entries) add(entry);
    sequence = entries.back().sequence;
  }
}

Limits LedgerReader::LimitsOf(const std::string& root) {
  pqxx::nontransaction transaction(session_->connection);
  Limits limits;
  for (const auto& row : transaction.exec(absl::StrCat(
           "SELECT l.limit_id, a.path || ' ' || l.name, l.unit, l.window_kind, "
           "coalesce(l.rolling_seconds, 0) FROM budget.limits l "
           "JOIN budget.allocations a USING (root, allocation_id) "
           "WHERE root = ", transaction.quote(root)))) {
    limits[static_cast<int>(IntOf(row, 0))] = {
        std::string(TextOf(row, 1)), static_cast<int>(IntOf(row, 2)),
        static_cast<int>(IntOf(row, 3)), IntOf(row, 4)};
  }
  return limits;
}

std::vector<StoredCounter> LedgerReader::CountersOf(const std::string& root) {
  pqxx::nontransaction transaction(session_->connection);
  return ReadCounters(transaction, root);
}

int64_t LedgerReader::OpenOf(const std::string& root) {
  pqxx::nontransaction transaction(session_->connection);
  const pqxx::result rows = transaction.exec(absl::StrCat(
      "SELECT count(*) FROM budget.reservations WHERE state = 1 AND root = ",
      transaction.quote(root)));
  return rows[0][0].as<int64_t>();
}

}  // namespace budget::chaos
