#ifndef BUDGET_DOMAIN_LOAD_PLAN_H_
#define BUDGET_DOMAIN_LOAD_PLAN_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/uuid.h"
#include "server/domain/operation.h"

namespace budget {

// What a store loads of one root into a WorkingSet. Whatever does not exist is
// simply absent from the set. Beside what is listed, a store always loads the
// root record, what loaded reservations refer to (the chains of their
// allocations, their pinned limits, removed ones too, and those counters), and
// the open reservations that are due.
struct LoadPlan {
  struct HistoryNeed {
    std::string path;
    LimitSpec limit;
  };

  std::string root;
  std::set<std::string> paths;  // with every prefix; their limits come along
  std::set<Uuid> reservations;
  std::set<Uuid> requests;
  std::set<std::string> models;         // prices of these
  std::set<std::string> children_of;    // fills with_children
  // Each loads its history and every open reservation at and under the path.
  std::vector<HistoryNeed> histories;
  // Every reservation that is due, however many there are.
  bool all_due = false;
};

// Names a history in a working set. Two operations of a batch may set limits of
// one name that count in other units or windows.
std::string HistoryKey(absl::string_view path, const LimitSpec& limit);

// Everything that `operations` need. All concern one root; not empty.
LoadPlan PlanFor(absl::Span<const Operation* const> operations);

// What reading the chain of `path` needs.
LoadPlan PlanForChain(absl::string_view path);

// What reading one reservation needs.
LoadPlan PlanForReservation(absl::string_view root, const Uuid& id);

}  // namespace budget

#endif  // BUDGET_DOMAIN_LOAD_PLAN_H_
