#ifndef BUDGET_TESTS_SIM_CONNECTION_H_
#define BUDGET_TESTS_SIM_CONNECTION_H_

#include "absl/time/time.h"
#include "tests/sim/database.h"
#include "tests/support/forwarding_store.h"

namespace budget::sim {

// How a transaction ends for the replica that runs it.
enum class Fate {
  kAnswered,
  kConflict,     // rolled back, which the replica is told
  kLost,         // the connection broke, and with it the transaction
  kDies,         // so does the replica, after the commit
  kInDoubt,      // the connection broke after the commit
  kNoRoom,       // rolled back, as one that is too large
  kUnreachable,  // nothing began
};

// A replica's connection to the database, as a store. A transaction that is to
// be tried again ends with ABORTED, for here no time can pass: the replica
// tries again later, as the store on PostgreSQL would within the call. One whose
// commit is in doubt ends with OK: the replica looks it up later, as that does.
class Connection final : public testing::ForwardingStore {
 public:
  explicit Connection(Database& database)
      : ForwardingStore(database.store()), database_(database) {}

  // What the next transaction meets.
  void Meet(Fate fate) { fate_ = fate; }

  absl::Status Transact(
      Turn turn, absl::Span<const LoadPlan> plans,
      absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
      absl::Time deadline) override;

  // Of the last transaction.
  bool committed() const { return committed_; }
  bool in_doubt() const { return in_doubt_; }
  absl::Time decided_at() const { return decided_at_; }

 private:
  Database& database_;
  Fate fate_ = Fate::kAnswered;
  bool committed_ = false;
  bool in_doubt_ = false;
  bool takes_for_lost_ = false;  // planted
  absl::Time decided_at_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_CONNECTION_H_
