#ifndef BUDGET_LANE_BATCH_H_
#define BUDGET_LANE_BATCH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "server/domain/store.h"
#include "server/lane/submission.h"

namespace budget {

// The operations of one root in a batch, in order.
struct RootBatch {
  struct Item {
    const Operation* operation;
    OperationResult* result;
  };
  std::string root;
  std::vector<Item> items;
};

// The operations of `parts` by root: roots by name, operations in order.
std::vector<RootBatch> GroupByRoot(absl::Span<const Part> parts);

// Runs the batches in one transaction and fills every result. On a status
// other than OK, which is the store's, the results are left as they were.
absl::Status RunInOneTransaction(absl::Span<const RootBatch> batches,
                                 Turn turn, absl::Time deadline,
                                 const DecideOptions& options, Store& store);

// Fills the results of `batch` with the refusal that a store's status means.
void RefuseAll(const RootBatch& batch, const absl::Status& status);

}  // namespace budget

#endif  // BUDGET_LANE_BATCH_H_
