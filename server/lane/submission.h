#ifndef BUDGET_LANE_SUBMISSION_H_
#define BUDGET_LANE_SUBMISSION_H_

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/lane/dispatcher.h"

namespace budget {

// What one caller submitted, answered when the last of its parts is.
struct Submission {
  std::vector<Operation> operations;
  std::vector<OperationResult> results;  // of the same length
  absl::Time deadline;
  Dispatcher::Done done;
  std::atomic<int> parts_open{0};
};

// The operations of a submission that go to one lane, in order.
struct Part {
  std::shared_ptr<Submission> submission;
  std::vector<size_t> indexes;  // into operations and results
  bool only_frees = true;       // every operation FreesCapacity

  const Operation& operation(size_t i) const {
    return submission->operations[indexes[i]];
  }
  OperationResult& result(size_t i) const {
    return submission->results[indexes[i]];
  }
};

// Answers every operation of `part` with a refusal.
void Refuse(const Part& part, Reason reason, absl::string_view message);

}  // namespace budget

#endif  // BUDGET_LANE_SUBMISSION_H_
