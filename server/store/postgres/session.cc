#include "server/store/postgres/session.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/store/postgres/failure.h"

namespace budget {
namespace {

// Whatever the role or the database is set to, these are what we count on.
constexpr char kCommonSettings[] =
    "SET search_path = budget; SET timezone = 'UTC'; SET datestyle = 'ISO';"
    "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;"
    "SET client_min_messages = warning; SET standard_conforming_strings = on;"
    "SET client_encoding = 'UTF8'; SET bytea_output = 'hex';"
    "SET default_transaction_read_only = off;";

// Sequential scans and hash joins take predicate locks on whole tables, and
// so conflict with every other writer.
constexpr char kWriterSettings[] =
    "SET default_transaction_isolation = 'serializable';"
    "SET lock_timeout = '5s'; SET plan_cache_mode = force_generic_plan;"
    "SET enable_seqscan = off; SET enable_hashjoin = off;"
    "SET enable_mergejoin = off; SET jit = off;"
    "SET max_parallel_workers_per_gather = 0;";

constexpr char kReaderSettings[] =
    "SET default_transaction_isolation = 'repeatable read';"
    "SET lock_timeout = '5s'; SET jit = off;";

std::string SettingsFor(SessionKind kind) {
  switch (kind) {
    case SessionKind::kWriter:
      return absl::StrCat(kCommonSettings, kWriterSettings);
    case SessionKind::kReader:
      return absl::StrCat(kCommonSettings, kReaderSettings);
    case SessionKind::kMigrator:
      return kCommonSettings;
  }
  return kCommonSettings;
}

// Adds a connection parameter where the caller has not given it.
void AddDefault(absl::string_view key, absl::string_view value,
                std::string& uri) {
  if (absl::StrContains(uri, absl::StrCat(key, "="))) return;
  if (!absl::StrContains(uri, "://")) {
    absl::StrAppend(&uri, " ", key, "=", value);
    return;
  }
  absl::StrAppend(&uri, absl::StrContains(uri, "?") ? "&" : "?", key, "=",
                  value);
}

// A peer that has vanished must not hold a caller for longer than this.
std::string WithDefaults(std::string uri) {
  AddDefault("connect_timeout", "5", uri);
  AddDefault("keepalives_idle", "10", uri);
  AddDefault("tcp_user_timeout", "15000", uri);
  AddDefault("fallback_application_name", "budgetd", uri);
  return uri;
}

}  // namespace

// Remembers whether the server has warned.
class Session::Notices : public pqxx::errorhandler {
 public:
  explicit Notices(pqxx::connection& connection)
      : pqxx::errorhandler(connection) {}
  bool operator()(const char message[]) noexcept override {
    seen_ = true;
    try {
      last_ = message;
    } catch (...) {
      last_.clear();
    }
    return false;
  }
  void Clear() { seen_ = false; }
  bool seen() const { return seen_; }
  const std::string& last() const { return last_; }

 private:
  bool seen_ = false;
  std::string last_;
};

Session::Session(const std::string& uri, SessionKind kind)
    : connection_(WithDefaults(uri)),
      notices_(std::make_unique<Notices>(connection_)) {
  pqxx_compat::ForbidReconnect(connection_);
  Simple(SettingsFor(kind));
  transaction_.reset();
}

Session::~Session() = default;

void Session::Begin(const std::string& sql) {
  transaction_.reset();
  Simple(sql);
}

pqxx::result Session::Simple(const std::string& sql) {
  if (!transaction_) {
    transaction_ = std::make_unique<pqxx::nontransaction>(connection_);
  }
  return transaction_->exec(sql);
}

pqxx::result Session::Run(const Statement& statement,
                          const Parameters& parameters) {
  return Run(statement.name, statement.sql, parameters);
}

pqxx::result Session::Run(const std::string& name, const std::string& sql,
                          const Parameters& parameters) {
  // PostgreSQL cuts names at 63 bytes, so long ones would collide.
  auto known = prepared_.find(name);
  if (known == prepared_.end()) {
    const std::string number = absl::StrCat("s", prepared_.size());
    pqxx_compat::Prepare(connection_, number, sql);
    known = prepared_.emplace(name, number).first;
  }
  return pqxx_compat::ExecPrepared(*transaction_, known->second, parameters);
}

// A warning means that a synchronous standby may not have the commit.
void Session::Commit() {
  notices_->Clear();
  try {
    Simple("COMMIT");
  } catch (...) {
    const Failure failure = DescribeCurrentException();
    switch (failure.kind) {
      case FailureKind::kConflict:
      case FailureKind::kDeadlock:
      case FailureKind::kInvariantBroken:
        throw;
      default:
        throw CommitInDoubt(failure.detail);
    }
  }
  transaction_.reset();
  if (notices_->seen()) throw CommitInDoubt(notices_->last());
}

void Session::Rollback() noexcept {
  if (broken()) return;
  try {
    Simple("ROLLBACK");
    transaction_.reset();
  } catch (...) {
    broken_ = true;
  }
}

}  // namespace budget
