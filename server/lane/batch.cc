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

size_t OperationsIn(absl::Span<const RootBatch> batches) {
  size_t operations = 0;
  for (const RootBatch& batch : batches) operations += batch.items.size();
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

OperationResult RefusedBy(const Refusal& refusal) {
  OperationResult result{.read_time = absl::InfinitePast()};
  result.outcome.refusal = refusal;
  return result;
}

void Refuse(const Part& part, const Refusal& refusal) {
  for (size_t i = 0; i < part.indexes.size(); ++i) {
    part.result(i) = RefusedBy(refusal);
  }
}

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

Halves InHalves(absl::Span<const RootBatch> batches) {
  size_t left = (OperationsIn(batches) + 1) / 2;
  Halves halves;
  for (const RootBatch& batch : batches) {
    const auto middle =
        batch.items.begin() + std::min(left, batch.items.size());
    left -= middle - batch.items.begin();
    if (middle != batch.items.begin()) {
      halves.first.push_back(
          {.root = batch.root, .items = {batch.items.begin(), middle}});
    }
    if (middle != batch.items.end()) {
      halves.second.push_back(
          {.root = batch.root, .items = {middle, batch.items.end()}});
    }
  }
  return halves;
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
