#include "server/store/postgres/session.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/store/postgres/connection_string.h"
#include "server/store/postgres/failure.h"
#include "server/store/postgres/pipeline.h"

namespace budget {
namespace {

// Whatever the role or the database is set to, these are what we count on.
constexpr char kCommonSettings[] =
    "SET search_path = pg_catalog, budget, pg_temp;"
    "SET timezone = 'UTC'; SET datestyle = 'ISO';"
    "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;"
    "SET client_min_messages = warning; SET standard_conforming_strings = on;"
    "SET client_encoding = 'UTF8'; SET bytea_output = 'hex';"
    "SET default_transaction_read_only = off;";

// Sequential scans and hash joins take predicate locks on whole tables, and
// so conflict with every other writer.
constexpr char kWriterSettings[] =
    "SET default_transaction_isolation = 'serializable';"
    "SET plan_cache_mode = force_generic_plan;"
    "SET enable_seqscan = off; SET enable_hashjoin = off;"
    "SET enable_mergejoin = off; SET jit = off;"
    // Whatever else is read of an index may be a conflict, so that nothing is
    // dearer: few.h.
    "SET cpu_index_tuple_cost = 100;"
    "SET max_parallel_workers_per_gather = 0;"
    // A replica that stands still in a transaction must not keep the others
    // out of its lane.
    "SET idle_in_transaction_session_timeout = 2000;"
    // How long to wait for a standby is the owner's choice; off would lose what
    // was answered in a crash, and local in a failover to a synchronous standby.
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local');";

constexpr char kReaderSettings[] =
    "SET default_transaction_isolation = 'repeatable read';"
    "SET jit = off;";

std::string LockTimeout() {
  return absl::StrCat("SET lock_timeout = ",
                      absl::ToInt64Milliseconds(Session::kLockTimeout), ";");
}

std::string SettingsFor(SessionKind kind) {
  switch (kind) {
    case SessionKind::kWriter:
      return absl::StrCat(kCommonSettings, LockTimeout(), kWriterSettings);
    case SessionKind::kReader:
      return absl::StrCat(kCommonSettings, LockTimeout(), kReaderSettings);
    case SessionKind::kMigrator:
      return kCommonSettings;
  }
  return kCommonSettings;
}

// Whoever opens the store has checked it.
std::string Completed(const std::string& uri) {
  absl::StatusOr<std::string> completed = CompleteConnectionString(uri);
  if (completed.ok()) return *std::move(completed);
  throw InvariantBroken(std::string(completed.status().message()));
}

constexpr absl::Duration kPlansKept = absl::Minutes(1);

constexpr Statement kRowTypes = {
    "row_types",
    "SELECT t.typname::text, t.oid::bigint FROM pg_catalog.pg_type t "
    "JOIN pg_catalog.pg_class c ON c.oid = t.typrelid "
    "WHERE t.typnamespace = to_regnamespace('budget') AND c.relkind = 'c'"};

// Of a flight that was to commit and failed: what the server refused before or
// at the COMMIT did not happen. Whatever else went wrong, it may have.
void ThrowIfInDoubt(bool at_commit) {
  const Failure failure = DescribeCurrentException();
  const bool lost = failure.kind == FailureKind::kConnectionLost;
  const bool refused = failure.kind == FailureKind::kConflict ||
                       failure.kind == FailureKind::kDeadlock ||
                       failure.kind == FailureKind::kInvariantBroken;
  if (lost || (at_commit && !refused)) throw CommitInDoubt(failure.detail);
}

}  // namespace

// Remembers whether the server has warned.
class Session::Notices : public pqxx::errorhandler {
 public:
  explicit Notices(pqxx_compat::Connection& connection)
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
    : connection_(Completed(uri)),
      notices_(std::make_unique<Notices>(connection_)) {
  // Details quote rows, and so what callers sent.
  PQsetErrorVerbosity(connection_.raw(), PQERRORS_TERSE);
  Simple(SettingsFor(kind));
  if (kind != SessionKind::kMigrator) LearnRowTypes();
}

Session::~Session() = default;

// They are numbered anew in every database.
void Session::LearnRowTypes() {
  const Result types = Run(kRowTypes);
  for (RowReader row : types) {
    std::string name = row.Text();
    row_types_[std::move(name)] = static_cast<uint32_t>(row.Int());
  }
}

Parameter Session::Take(RowArray& rows) const {
  const auto type = row_types_.find(rows.type().name);
  if (type == row_types_.end()) {
    throw InvariantBroken(absl::StrCat("the row type \"", rows.type().name,
                                       "\" is missing: run the migrations"));
  }
  return rows.Take(type->second);
}

void Session::RefreshPlans(absl::Time now) {
  ++transactions_;
  const bool doubled = transactions_ >= 2 * planned_after_;
  if (!doubled && now < planned_at_ + kPlansKept) return;
  Simple("DISCARD PLANS");
  planned_after_ = transactions_;
  planned_at_ = now;
}

void Session::Simple(const std::string& sql) {
  pqxx::nontransaction transaction(connection_);
  transaction.exec(sql);
}

Result Session::Run(const Statement& statement, Parameters parameters) {
  Flight flight;
  flight.Add(statement, std::move(parameters));
  return std::move(Fly(flight).front());
}

std::vector<Result> Session::Fly(const Flight& flight) {
  notices_->Clear();
  std::vector<Result> results;
  try {
    RoundTrip(flight, results);
  } catch (...) {
    const bool at_commit = results.size() + 1 == flight.legs().size();
    if (flight.commits()) ThrowIfInDoubt(at_commit);
    throw;
  }
  // A warning means that a synchronous standby may not have the commit.
  if (flight.commits() && notices_->seen()) {
    throw CommitInDoubt(notices_->last());
  }
  return results;
}

void Session::RoundTrip(const Flight& flight, std::vector<Result>& results) {
  Pipeline pipeline(connection_.raw());
  std::vector<bool> prepares;  // for each leg
  for (const Flight::Leg& leg : flight.legs()) {
    prepares.push_back(prepared_.insert(leg.statement.name).second);
    if (prepares.back()) pipeline.Prepare(leg.statement);
    pipeline.Execute(leg.statement, leg.parameters);
  }
  pipeline.Sync();
  size_t prepared = 0;
  try {
    for (; prepared < prepares.size(); ++prepared) {
      const Statement& statement = flight.legs()[prepared].statement;
      if (prepares[prepared]) pipeline.Next(statement);
      prepares[prepared] = false;
      results.push_back(pipeline.Next(statement));
    }
  } catch (...) {
    for (; prepared < prepares.size(); ++prepared) {
      if (prepares[prepared]) {
        prepared_.erase(flight.legs()[prepared].statement.name);
      }
    }
    throw;
  }
}

void Session::Commit() {
  Flight flight;
  flight.Commit();
  Fly(flight);
}

void Session::Rollback() noexcept {
  if (broken()) return;
  try {
    Simple("ROLLBACK");
  } catch (...) {
    broken_ = true;
  }
}

}  // namespace budget
