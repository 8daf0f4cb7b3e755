#ifndef BUDGET_LANE_SUBMISSION_H_
#define BUDGET_LANE_SUBMISSION_H_

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/lane/dispatcher.h"
#include "server/lane/gate.h"

namespace budget {

// What one caller submitted, answered when the last of its parts is.
struct Submission {
  std::vector<Operation> operations;
  std::vector<OperationResult> results;  // of the same length
  absl::Time entered;
  absl::Time deadline;
  CallerId caller = kTheService;
  Effect effect = Effect::kOnlyFrees;
  Load load;
  Dispatcher::Done done;
  std::atomic<int> parts_open{0};
};

// The operations of a submission that go to one lane, in order.
struct Part {
  std::shared_ptr<Submission> submission;
  std::vector<size_t> indexes;  // into operations and results
  Effect effect = Effect::kOnlyFrees;

  const Operation& operation(size_t i) const {
    return submission->operations[indexes[i]];
  }
  OperationResult& result(size_t i) const {
    return submission->results[indexes[i]];
  }
};

// The result of an operation that never reached the store.
OperationResult RefusedBy(const Refusal& refusal);

// Answers every operation of `part` with a refusal, which names no limit.
void Refuse(const Part& part, const Refusal& refusal);

// Takes out of `part`, which is to be refused, what only frees, in order. What is
// about a reservation or usage that stays in it stays as well: it would be told
// what is only so because that was refused.
Part TakeWhatFrees(Part& part);

}  // namespace budget

#endif  // BUDGET_LANE_SUBMISSION_H_
