#include "server/domain/decide.h"

#include <algorithm>
#include <variant>

#include "server/domain/admin.h"
#include "server/domain/books.h"
#include "server/domain/handlers.h"
#include "server/domain/more_due.h"
#include "server/domain/path.h"

namespace budget {
namespace {

// The database clock may be set back, or another server take over: the time of
// a root stands still until the clock has caught up.
absl::Time TimeOf(const RootRecord& root, absl::Time now) {
  return root.exists ? std::max(now, root.last_time) : now;
}

}  // namespace

std::vector<Outcome> Decide(absl::Span<const Operation* const> operations,
                            absl::Time now, const DecideOptions& options,
                            WorkingSet& set) {
  now = TimeOf(set.root, now);
  ExpireDue(now, set);
  Books books(set, now, options);
  std::vector<Outcome> outcomes;
  outcomes.reserve(operations.size());
  set.entries.reserve(set.entries.size() + operations.size());
  for (const Operation* operation : operations) {
    const AdminContext* context = AdminContextOf(*operation);
    outcomes.push_back(
        context != nullptr
            ? RunAdmin(*operation, *context, books)
            : std::visit([&](const auto& op) { return Run(op, books); },
                         *operation));
    outcomes.back().decided_at = set.root.last_sequence;
  }
  set.undecided = set.more_due && !StandWithMoreDue(operations, outcomes, set);
  return outcomes;
}

std::vector<LimitReading> ReadChain(absl::string_view path, absl::Time now,
                                    WorkingSet& set) {
  now = TimeOf(set.root, now);
  ExpireDue(now, set);
  const DecideOptions options;
  Books books(set, now, options);
  std::vector<LimitReading> readings;
  for (absl::string_view prefix : ChainOf(path)) {
    const Allocation* allocation = set.catalog.FindAllocation(prefix);
    if (allocation == nullptr) continue;
    for (const Limit* limit : set.catalog.LimitsOf(*allocation)) {
      books.LineOf(books.CurrentPin(*limit)).Read(readings);
    }
  }
  return readings;
}

}  // namespace budget
