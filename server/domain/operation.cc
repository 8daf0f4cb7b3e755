#include "server/domain/operation.h"

#include <type_traits>

#include "server/domain/path.h"

namespace budget {

absl::string_view RootOf(const Operation& operation) {
  return std::visit(
      [](const auto& op) -> absl::string_view {
        using T = std::decay_t<decltype(op)>;
        if constexpr (std::is_same_v<T, Reserve> ||
                      std::is_same_v<T, RecordUsage>) {
          return RootOf(op.payload->allocations.front());
        } else if constexpr (std::is_same_v<T, TransferCap>) {
          return RootOf(op.from.path);
        } else if constexpr (requires { op.root; }) {
          return op.root;
        } else {
          return RootOf(op.path);
        }
      },
      operation);
}

bool FreesCapacity(const Operation& operation) {
  return std::holds_alternative<Settle>(operation) ||
         std::holds_alternative<Release>(operation) ||
         std::holds_alternative<RecordUsage>(operation) ||
         std::holds_alternative<Sweep>(operation);
}

void SetCaller(const CallerRef& caller, Operation& operation) {
  std::visit(
      [&](auto& op) {
        if constexpr (requires { op.caller; }) op.caller = caller;
      },
      operation);
}

const AdminContext* AdminContextOf(const Operation& operation) {
  return std::visit(
      [](const auto& op) -> const AdminContext* {
        if constexpr (requires { op.context; }) {
          return &op.context;
        } else {
          return nullptr;
        }
      },
      operation);
}

}  // namespace budget
