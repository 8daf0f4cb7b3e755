#ifndef BUDGET_STORE_POSTGRES_SESSION_H_
#define BUDGET_STORE_POSTGRES_SESSION_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/store/postgres/columns.h"
#include "server/store/postgres/pqxx_compat.h"

namespace budget {

// A statement with its name, which is unique among all of them.
struct Statement {
  const char* name;
  const char* sql;
};

enum class SessionKind { kWriter, kReader, kMigrator };

// One connection with our settings. Every call may throw what libpqxx throws;
// DescribeCurrentException tells what it means. Not thread-safe.
class Session {
 public:
  // Connects. `uri` is a URI or key=value string of libpq.
  Session(const std::string& uri, SessionKind kind);
  ~Session();

  // Begins a transaction with `sql`: constant statements that start with BEGIN.
  void Begin(const std::string& sql);

  // Runs a statement, which is prepared at its first use.
  pqxx::result Run(const Statement& statement, const Parameters& parameters);
  pqxx::result Run(const std::string& name, const std::string& sql,
                   const Parameters& parameters);

  // Runs constant statements without parameters.
  pqxx::result Simple(const std::string& sql);

  // Commits. Throws CommitInDoubt where the effect is unknown.
  void Commit();

  // Ends the transaction without effect. Never throws; the session is broken
  // afterwards if that failed.
  void Rollback() noexcept;

  // Whether the connection must not be used any more.
  bool broken() const { return broken_ || !connection_.is_open(); }
  void MarkBroken() { broken_ = true; }

 private:
  class Notices;

  pqxx::connection connection_;
  std::unique_ptr<Notices> notices_;
  std::unique_ptr<pqxx::nontransaction> transaction_;
  absl::flat_hash_map<std::string, std::string> prepared_;  // by full name
  bool broken_ = false;
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_SESSION_H_
