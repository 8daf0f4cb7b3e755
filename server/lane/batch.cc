#include "server/lane/batch.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace budget {
namespace {

struct Answer {
  std::vector<Outcome> outcomes;
  std::shared_ptr<const WorkingSet> set;
};

std::vector<const Operation*> OperationsOf(const RootBatch& batch) {
  std::vector<const Operation*> operations;
  operations.reserve(batch.items.size());
  for (const RootBatch::Item& item : batch.items) {
    operations.push_back(item.operation);
  }
  return operations;
}

void Fill(const RootBatch& batch, Answer answer, absl::Time now) {
  for (size_t i = 0; i < batch.items.size(); ++i) {
    *batch.items[i].result = {.outcome = std::move(answer.outcomes[i]),
                              .set = answer.set,
                              .read_time = now};
  }
}

Reason ReasonOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      return Reason::kDeadlineExceeded;
    case absl::StatusCode::kInternal:
      return Reason::kInvariantBroken;
    default:
      return Reason::kStorageUnavailable;
  }
}

}  // namespace

void RefuseAll(const RootBatch& batch, const absl::Status& status) {
  const Refusal refusal = {.reason = ReasonOf(status),
                           .message = std::string(status.message())};
  for (const RootBatch::Item& item : batch.items) {
    *item.result = RefusedBy(refusal);
  }
}

std::vector<RootBatch> GroupByRoot(absl::Span<const Part> parts) {
  std::map<absl::string_view, size_t> positions;
  std::vector<RootBatch> batches;
  for (const Part& part : parts) {
    for (size_t i = 0; i < part.indexes.size(); ++i) {
      const absl::string_view root = RootOf(part.operation(i));
      const auto [at, inserted] = positions.try_emplace(root, batches.size());
      if (inserted) batches.push_back({.root = std::string(root)});
      batches[at->second].items.push_back(
          {.operation = &part.operation(i), .result = &part.result(i)});
    }
  }
  return batches;
}

absl::Status RunInOneTransaction(absl::Span<const RootBatch> batches,
                                 Turn turn, absl::Time deadline,
                                 const DecideOptions& options, Store& store) {
  std::vector<std::vector<const Operation*>> operations;
  std::vector<LoadPlan> plans;
  for (const RootBatch& batch : batches) {
    operations.push_back(OperationsOf(batch));
    plans.push_back(PlanFor(operations.back()));
  }
  std::vector<Answer> answers;
  absl::Time decided_at;
  const absl::Status status = store.Transact(
      std::move(turn), plans,
      [&](WorkingSets& sets, absl::Time now) {
        answers.assign(batches.size(), Answer());
        decided_at = now;
        for (size_t i = 0; i < batches.size(); ++i) {
          answers[i].outcomes = Decide(operations[i], now, options, *sets[i]);
          answers[i].set = sets[i];
        }
      },
      deadline);
  if (!status.ok()) return status;
  for (size_t i = 0; i < batches.size(); ++i) {
    Fill(batches[i], std::move(answers[i]), decided_at);
  }
  return absl::OkStatus();
}

}  // namespace budget
