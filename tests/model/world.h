#ifndef BUDGET_TESTS_MODEL_WORLD_H_
#define BUDGET_TESTS_MODEL_WORLD_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/domain/decide.h"
#include "server/domain/operation.h"
#include "server/domain/outcome.h"
#include "server/domain/working_set.h"

namespace budget {

// What a store would do around Decide, in memory: keeps one working set for
// each root, and beside it only what Decide marked as changed, as rows would.
// After every run it checks what must always hold; whatever does not is in
// problems(). Not thread-safe.
class World {
 public:
  explicit World(DecideOptions options = {}) : options_(options) {}

  Outcome Run(const Operation& operation, absl::Time now);

  // Runs operations of one root as one batch.
  std::vector<Outcome> RunBatch(absl::Span<const Operation> operations,
                                absl::Time now);

  std::vector<LimitReading> Read(absl::string_view path, absl::Time now);

  // A copy of what a store would load for `operation`.
  WorkingSet Load(const Operation& operation, absl::Time now);

  // Folds the whole ledger of every root and compares it with every counter.
  void Verify();

  WorkingSet& SetOf(absl::string_view root);
  const std::vector<LedgerEntry>& LedgerOf(absl::string_view root);
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  // What would be in the tables.
  struct Row {
    Counter counter;
    absl::Time as_of;
  };
  struct Root {
    WorkingSet set;
    std::vector<LedgerEntry> ledger;
    absl::flat_hash_map<Pin, Row> counters;
    absl::flat_hash_map<Uuid, Reservation> reservations;
    absl::flat_hash_map<AllocationId, Allocation> allocations;
    absl::flat_hash_map<LimitId, Limit> limits;
  };

  Root& RootFor(absl::string_view name);
  void Prepare(Root& root, absl::Span<const Operation> operations,
               absl::Time now);
  // Checks the changes of a run and moves them into the tables.
  void Commit(Root& root, absl::Time now);
  void CommitEntries(Root& root, absl::Time now);
  void CommitCounters(Root& root, absl::Time now);
  void CommitReservations(Root& root);
  void CommitCatalog(Root& root);
  void Report(const Root& root, absl::string_view problem);

  const DecideOptions options_;
  std::map<std::string, std::unique_ptr<Root>> roots_;
  std::vector<std::string> problems_;
};

}  // namespace budget

#endif  // BUDGET_TESTS_MODEL_WORLD_H_
