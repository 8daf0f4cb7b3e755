#ifndef BUDGET_STORE_POSTGRES_SESSION_H_
#define BUDGET_STORE_POSTGRES_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "server/store/postgres/flight.h"
#include "server/store/postgres/parameter.h"
#include "server/store/postgres/pqxx_compat.h"
#include "server/store/postgres/result.h"
#include "server/store/postgres/row_array.h"

namespace budget {

enum class SessionKind { kWriter, kReader, kMigrator };

// One connection with our settings. Every call may throw what libpqxx throws;
// DescribeCurrentException tells what it means. Not thread-safe.
class Session {
 public:
  // How long a statement waits for a lock.
  static constexpr absl::Duration kLockTimeout = absl::Seconds(5);

  // Connects, to the first host of `uri` that takes writes. It is a URI or
  // key=value string of libpq that CompleteConnectionString can complete.
  Session(const std::string& uri, SessionKind kind);
  ~Session();

  // To be called between transactions, before each. Has plans made anew after a
  // minute, or once there have been twice as many transactions: while the
  // tables are small, the best plan reads all of them, and it would be kept
  // when they have grown.
  void RefreshPlans(absl::Time now);

  // Runs constant statements without parameters or results, a BEGIN among
  // them.
  void Simple(const std::string& sql);

  // Runs all statements of `flight` in one round trip and returns their
  // results in order. Statements are prepared at their first use. Throws
  // CommitInDoubt where the flight commits and the effect is unknown.
  std::vector<Result> Fly(const Flight& flight);

  // Runs one statement.
  Result Run(const Statement& statement, Parameters parameters = {});

  // Commits. Throws CommitInDoubt where the effect is unknown.
  void Commit();

  // Ends the transaction without effect. Never throws; the session is broken
  // afterwards if that failed.
  void Rollback() noexcept;

  // `rows` as a parameter; nothing is left in it.
  Parameter Take(RowArray& rows) const;

  // Whether the connection must not be used any more.
  bool broken() const { return broken_ || !connection_.is_open(); }
  void MarkBroken() { broken_ = true; }

 private:
  class Notices;

  void LearnRowTypes();
  // Fills `results` as far as it goes.
  void RoundTrip(const Flight& flight, std::vector<Result>& results);

  pqxx_compat::Connection connection_;
  std::unique_ptr<Notices> notices_;
  absl::flat_hash_set<std::string> prepared_;  // names of statements
  absl::flat_hash_map<std::string, uint32_t> row_types_;  // by name
  int64_t transactions_ = 0;
  int64_t planned_after_ = 1;  // transactions
  absl::Time planned_at_ = absl::InfinitePast();
  bool broken_ = false;
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_SESSION_H_
