#include "server/store/postgres/postgres_access_store.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/store/postgres/catalog_cache.h"
#include "server/store/postgres/row_reader.h"
#include "server/store/postgres/sql_text.h"
#include "server/store/postgres/transactor.h"

namespace budget {
namespace {

// One reads for the directory, one changes for an administrator.
constexpr int kSessions = 2;
constexpr absl::Duration kPatience = absl::Seconds(5);

constexpr Statement kBeginChange = {"begin_access_change",
                                    "BEGIN ISOLATION LEVEL READ COMMITTED"};
constexpr Statement kBeginRead = {
    "begin_access_read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};

constexpr Statement kReadHead = {
    "read_access_head",
    "SELECT last_sequence, clock_timestamp() FROM budget.access_head"};

constexpr Statement kReadGrants = {
    "read_grants",
    "SELECT principal, role, subtree FROM budget.grants "
    "ORDER BY principal, role, subtree"};

constexpr Statement kReadTokens = {
    "read_tokens",
    "SELECT id, principal, subtree, secret_hash, created_at, created_by, "
    "  expires_at, revoked_at FROM budget.tokens ORDER BY id"};

constexpr Statement kReadLog = {
    "read_access_log",
    "SELECT sequence, at, actor, kind, principal, subtree, changed_from, "
    "  changed_to FROM budget.access_log WHERE sequence > $1::bigint "
    "ORDER BY sequence LIMIT $2::bigint"};

// Locks the head: until the end of the transaction nobody else changes
// anything, so the time and the numbers are in one order.
constexpr Statement kLockHead = {
    "lock_access_head",
    "UPDATE budget.access_head SET last_sequence = last_sequence "
    "RETURNING last_sequence, clock_timestamp()"};

constexpr Statement kMoveHead = {
    "move_access_head",
    "UPDATE budget.access_head SET last_sequence = $1::bigint"};

// Each gives a row only where it has changed something.
constexpr Statement kAddToken = {
    "add_token",
    "INSERT INTO budget.tokens (id, principal, subtree, secret_hash, "
    "  created_at, created_by, expires_at) "
    "VALUES ($1, $2, $3, decode($4, 'hex'), $5::timestamptz, $6, "
    "  $7::timestamptz) ON CONFLICT ON CONSTRAINT tokens_pk DO NOTHING "
    "RETURNING id"};

constexpr Statement kRevokeToken = {
    "revoke_token",
    "UPDATE budget.tokens SET revoked_at = $2::timestamptz "
    "WHERE id = $1 AND revoked_at IS NULL "
    "RETURNING id, principal, subtree, secret_hash, created_at, created_by, "
    "  expires_at, revoked_at"};

constexpr Statement kAddGrant = {
    "add_grant",
    "INSERT INTO budget.grants (principal, role, subtree, created_at, "
    "  created_by) VALUES ($1, $2::smallint, $3, $4::timestamptz, $5) "
    "ON CONFLICT ON CONSTRAINT grants_pk DO NOTHING RETURNING principal"};

constexpr Statement kRemoveGrant = {
    "remove_grant",
    "DELETE FROM budget.grants "
    "WHERE principal = $1 AND role = $2::smallint AND subtree = $3 "
    "RETURNING principal"};

constexpr Statement kInsertLog = {
    "insert_access_log",
    "INSERT INTO budget.access_log (sequence, at, actor, kind, principal, "
    "  subtree, changed_from, changed_to) "
    "VALUES ($1::bigint, $2::timestamptz, $3, $4::smallint, $5, $6, $7, $8)"};

std::string Number(auto value) {
  return absl::StrCat(static_cast<int64_t>(value));
}

AccessHead ReadHeadOf(Session& session, const Statement& statement) {
  const Result rows = session.Run(statement);
  RowReader row = rows.front();
  AccessHead head;
  head.version = row.Int();
  head.read_time = row.Time();
  return head;
}

TokenRecord ReadToken(RowReader& row) {
  TokenRecord token;
  token.id = row.Text();
  token.principal = row.Text();
  token.subtree = row.Text();
  token.secret_hash = row.Text();
  token.created_at = row.Time();
  token.created_by = row.Text();
  token.expires_at = row.OptTime();
  token.revoked_at = row.OptTime();
  return token;
}

AccessRecords ReadRecords(Session& session) {
  AccessRecords records;
  session.Run(kBeginRead);
  records.head = ReadHeadOf(session, kReadHead);
  const Result grants = session.Run(kReadGrants);
  for (RowReader row : grants) {
    Grant grant;
    grant.principal = row.Text();
    grant.role = row.Number<Role>();
    grant.subtree = row.Text();
    records.grants.push_back(std::move(grant));
  }
  const Result tokens = session.Run(kReadTokens);
  for (RowReader row : tokens) records.tokens.push_back(ReadToken(row));
  session.Rollback();
  return records;
}

std::vector<AccessLogEntry> ReadLog(Session& session, int64_t sequence,
                                    int max) {
  std::vector<AccessLogEntry> entries;
  const Result rows =
      session.Run(kReadLog, {absl::StrCat(sequence), absl::StrCat(max)});
  for (RowReader row : rows) {
    AccessLogEntry entry;
    entry.sequence = row.Int();
    entry.at = row.Time();
    entry.actor = row.Text();
    entry.kind = row.Number<AccessChangeKind>();
    entry.principal = row.Text();
    entry.subtree = row.Text();
    entry.from = row.Text();
    entry.to = row.Text();
    entries.push_back(std::move(entry));
  }
  return entries;
}

// Makes one change, and says what the log says of it; nullopt where there was
// nothing to change.
class Change {
 public:
  Change(Session& session, absl::Time now, absl::string_view actor)
      : session_(session), now_(now), actor_(actor) {}

  std::optional<AccessLogText> operator()(const AddToken& change) {
    std::optional<absl::Time> expires_at;
    if (change.ttl) expires_at = now_ + *change.ttl;
    const bool added = Changes(
        kAddToken,
        {change.minted.id, change.principal, change.subtree,
         absl::BytesToHexString(change.minted.secret_hash), Now(), actor_,
         expires_at ? std::optional(sql_text::FromTime(*expires_at))
                    : std::nullopt});
    if (!added) return std::nullopt;
    return TextOf(change, expires_at);
  }

  std::optional<AccessLogText> operator()(const RevokeToken& change) {
    const Result rows = session_.Run(kRevokeToken, {change.id, Now()});
    if (rows.empty()) return std::nullopt;
    RowReader row = rows.front();
    return TextOf(ReadToken(row));
  }

  std::optional<AccessLogText> operator()(const AddGrant& change) {
    const Grant& grant = change.grant;
    if (!Changes(kAddGrant, {grant.principal, Number(grant.role),
                             grant.subtree, Now(), actor_})) {
      return std::nullopt;
    }
    return TextOf(change);
  }

  std::optional<AccessLogText> operator()(const RemoveGrant& change) {
    const Grant& grant = change.grant;
    if (!Changes(kRemoveGrant,
                 {grant.principal, Number(grant.role), grant.subtree})) {
      return std::nullopt;
    }
    return TextOf(change);
  }

  void Log(int64_t sequence, const AccessLogText& text) {
    session_.Run(kInsertLog,
                 {absl::StrCat(sequence), Now(), actor_, Number(text.kind),
                  text.principal, text.subtree, text.from, text.to});
  }

 private:
  std::string Now() const { return sql_text::FromTime(now_); }
  bool Changes(const Statement& statement, Parameters parameters) {
    return !session_.Run(statement, std::move(parameters)).empty();
  }

  Session& session_;
  const absl::Time now_;
  const std::string actor_;
};

// Commits also where nothing is changed: what was found may be a commit in
// doubt, and whoever waits for this one has waited for that.
void ApplyAll(Session& session, absl::Span<const AccessChange> changes,
              absl::string_view actor) {
  session.Run(kBeginChange);
  AccessHead head = ReadHeadOf(session, kLockHead);
  Change make(session, head.read_time, actor);
  for (const AccessChange& change : changes) {
    const std::optional<AccessLogText> text = std::visit(make, change);
    if (text) make.Log(++head.version, *text);
  }
  session.Run(kMoveHead, {absl::StrCat(head.version)});
  session.Commit();
}

class PostgresAccessStore final : public AccessStore {
 public:
  explicit PostgresAccessStore(const PostgresOptions& options)
      : clock_(*options.clock),
        acknowledged_(options.log),
        transactor_(options, no_catalogs_, epoch_, acknowledged_,
                    OnConnect()) {}

  absl::StatusOr<AccessHead> ReadHead() override {
    return Get<AccessHead>(
        [](Session& session) { return ReadHeadOf(session, kReadHead); });
  }

  absl::StatusOr<AccessRecords> ReadAll() override {
    return Get<AccessRecords>(ReadRecords);
  }

  absl::Status Apply(absl::Span<const AccessChange> changes,
                     absl::string_view actor) override {
    return transactor_.Retry(
        [&](Session& session) { ApplyAll(session, changes, actor); },
        clock_.Now() + kPatience);
  }

  absl::StatusOr<std::vector<AccessLogEntry>> ListLog(int64_t sequence,
                                                      int max) override {
    return Get<std::vector<AccessLogEntry>>([&](Session& session) {
      return ReadLog(session, sequence, max);
    });
  }

 private:
  template <typename T, typename Body>
  absl::StatusOr<T> Get(Body body) {
    T result;
    const absl::Status status = transactor_.Retry(
        [&](Session& session) { result = body(session); },
        clock_.Now() + kPatience);
    if (!status.ok()) return status;
    return result;
  }

  // Whether another server has taken over is all there is to find out: no
  // ledger is written here.
  Pool::OnConnect OnConnect() {
    return [this](Session& session, int64_t epoch) {
      if (acknowledged_.Check(session)) epoch_.End(epoch);
    };
  }

  Clock& clock_;
  CatalogCache no_catalogs_{0};
  Epoch epoch_;
  Acknowledged acknowledged_;
  Transactor transactor_;
};

}  // namespace

std::unique_ptr<AccessStore> OpenPostgresAccessStore(PostgresOptions options) {
  options.writers = kSessions;
  options.stats = std::make_shared<PostgresStats>();
  if (!options.log) options.log = [](absl::string_view) {};
  return std::make_unique<PostgresAccessStore>(options);
}

}  // namespace budget
