#include "server/lane/submission.h"

#include <optional>

#include "absl/container/flat_hash_set.h"
#include "server/base/uuid.h"

namespace budget {
namespace {

std::optional<Uuid> IdOf(const Operation& operation) {
  return std::visit(
      [](const auto& op) -> std::optional<Uuid> {
        if constexpr (requires { op.id; }) {
          return op.id;
        } else {
          return std::nullopt;
        }
      },
      operation);
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

Part TakeWhatFrees(Part& part) {
  Part freeing{.submission = part.submission};
  std::vector<size_t> staying;
  absl::flat_hash_set<Uuid> refused;
  for (size_t i = 0; i < part.indexes.size(); ++i) {
    const Operation& operation = part.operation(i);
    const std::optional<Uuid> id = IdOf(operation);
    if (FreesCapacity(operation) && !(id && refused.contains(*id))) {
      freeing.indexes.push_back(part.indexes[i]);
      continue;
    }
    staying.push_back(part.indexes[i]);
    if (id) refused.insert(*id);
  }
  part.indexes = std::move(staying);
  return freeing;
}

}  // namespace budget
