#ifndef BUDGET_TESTS_SIM_AUDITOR_H_
#define BUDGET_TESTS_SIM_AUDITOR_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/domain/store.h"
#include "server/lane/batch.h"
#include "tests/sim/history.h"
#include "tests/sim/ledger_audit.h"
#include "tests/sim/oracle.h"
#include "tests/sim/verdicts.h"

namespace budget::sim {

// Watches commits, transactions and answers, and checks every invariant as
// they come. Not thread-safe.
class Auditor {
 public:
  Auditor(absl::Duration retention, Verdicts& verdicts)
      : verdicts_(verdicts), oracle_(retention, verdicts) {}

  // From the store, at each commit. The time of a root may be ahead of the
  // clock, which was set back, or another root of its transaction is ahead.
  void Committed(const WorkingSet& set, absl::Time now, absl::Time clock);

  // How a transaction went that has just ended.
  struct Transaction {
    absl::Span<const RootBatch> batches;
    bool committed = false;
    bool answered = false;  // the results are filled
    absl::Time now;         // the database's
    // The number of the first that was to do the same; 0: this is it.
    int64_t first_try = 0;
  };
  // Returns the number of the transaction: each takes effect after the last.
  int64_t Ended(const Transaction& transaction);

  // What arrives at a caller.
  struct Answer {
    const Operation& operation;
    const OperationResult& result;
    CallRecord record;
  };
  void Answered(const Answer& answer);

  // The last fault is over. From now on what is due is to be ended in time,
  // and what was due before as if it were due now.
  void Calm(absl::Time now) { calm_since_ = now; }

  // What still has to be asked when nothing happens any more.
  void Finish(Store& store, absl::Time now);

  Oracle& oracle() { return oracle_; }
  // Of callers, decided and committed. Sweeps are the replicas' own.
  int64_t operations() const { return operations_; }
  int64_t transactions() const { return transactions_; }
  int64_t entries() const;

 private:
  struct Root {
    std::unique_ptr<LedgerAudit> ledger;
    // Of the transaction under way.
    std::vector<LedgerEntry> fresh;
    std::optional<Catalog> added_limits;
    std::vector<CallRecord> history;
  };
  Root& RootFor(absl::string_view name);
  void CheckCounters(const LedgerAudit& ledger, const WorkingSet& set,
                     absl::Time now);
  // The calm owes a backlog no more than a sweep: replicas that were down or
  // paused when faults stopped are back when it begins.
  void CheckPromptness(const WorkingSet& set, absl::Time clock);
  // No operation that ran leaves two entries of its reservation, in however
  // many tries. `has_entry`: which have left one before.
  void CheckOneEffect(const RootBatch& batch, std::vector<bool>& has_entry);
  // Each entry is of one of the operations that were to be done.
  void CheckRows(const RootBatch& batch, const std::vector<bool>& done);
  void CheckRow(const Answer& answer);
  void CheckSame(const Answer& answer);
  void CheckStored(Store& store, const std::string& name, const Root& root);
  void CheckOpen(Store& store, const std::string& name, absl::Time now);

  Verdicts& verdicts_;
  Oracle oracle_;
  std::map<std::string, Root, std::less<>> roots_;
  absl::flat_hash_map<Uuid, Outcome> first_answers_;
  // Of what has not been answered, by its first try and its root.
  std::map<std::pair<int64_t, std::string>, std::vector<bool>> has_entry_;
  int64_t transactions_ = 0;
  int64_t operations_ = 0;
  absl::Time calm_since_ = absl::InfiniteFuture();
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_AUDITOR_H_
