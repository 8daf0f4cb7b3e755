#ifndef BUDGET_TESTS_FUZZ_BUDGET_WORLD_H_
#define BUDGET_TESTS_FUZZ_BUDGET_WORLD_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/operation.h"
#include "server/lane/dispatcher.h"
#include "server/store/memory/memory_store.h"

namespace budget::fuzz {

// A small organisation in memory, in which requests find something: "acme" and
// "acme/key" with limits of each kind, prices of "large", and one open
// reservation. Its time stands still. Not thread-safe.
class BudgetWorld {
 public:
  BudgetWorld();

  // Runs one operation as a lane would.
  OperationResult Run(const Operation& operation);

  // Entries in the ledger of `root`.
  size_t LedgerLength(absl::string_view root);

  Store& store() { return store_; }

 private:
  MemoryStore store_;
};

}  // namespace budget::fuzz

#endif  // BUDGET_TESTS_FUZZ_BUDGET_WORLD_H_
