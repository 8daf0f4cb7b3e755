#include "server/domain/load_plan.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/path.h"

namespace budget {
namespace {

// Adds to a plan what one operation needs: one overload for each kind.
class Planner {
 public:
  explicit Planner(LoadPlan& plan) : plan_(plan) {}

  void operator()(const Reserve& op) { Add(op.id, *op.payload); }
  void operator()(const RecordUsage& op) { Add(op.id, *op.payload); }
  void operator()(const AdjustReservation& op) {
    plan_.reservations.insert(op.id);
  }
  void operator()(const Settle& op) {
    plan_.reservations.insert(op.id);
    if (op.usage) plan_.models.insert(op.usage->model);
  }
  void operator()(const Release& op) { plan_.reservations.insert(op.id); }
  void operator()(const Sweep&) {}
  void operator()(const ArchiveAllocation& op) {
    AddChain(op.path);
    plan_.children_of.insert(op.path);
  }
  void operator()(const SetLimit& op) {
    AddChain(op.path);
    plan_.histories.push_back({.path = op.path, .limit = op.limit});
  }
  void operator()(const TransferCap& op) {
    AddChain(op.from.path);
    AddChain(op.to.path);
  }
  void operator()(const SetPrices&) { AddChain(plan_.root); }
  template <typename T>
  void operator()(const T& op) {
    AddChain(op.path);
  }

 private:
  void AddChain(absl::string_view path) {
    for (absl::string_view prefix : ChainOf(path)) {
      plan_.paths.emplace(prefix);
    }
  }
  void Add(const Uuid& id, const ReservePayload& payload) {
    plan_.reservations.insert(id);
    for (const std::string& path : payload.allocations) AddChain(path);
    if (payload.usage) plan_.models.insert(payload.usage->model);
  }

  LoadPlan& plan_;
};

}  // namespace

std::string HistoryKey(absl::string_view path, const LimitSpec& limit) {
  return absl::StrCat(path, " ", limit.name, " ", UnitName(limit.unit), " ",
                      Describe(limit.window));
}

LoadPlan PlanFor(absl::Span<const Operation* const> operations) {
  LoadPlan plan;
  plan.root = std::string(RootOf(*operations.front()));
  Planner planner(plan);
  for (const Operation* operation : operations) {
    std::visit(planner, *operation);
    if (const AdminContext* context = AdminContextOf(*operation)) {
      plan.requests.insert(context->request_id);
    }
  }
  return plan;
}

LoadPlan PlanForChain(absl::string_view path) {
  LoadPlan plan;
  plan.root = std::string(RootOf(path));
  for (absl::string_view prefix : ChainOf(path)) plan.paths.emplace(prefix);
  return plan;
}

LoadPlan PlanForReservation(absl::string_view root, const Uuid& id) {
  LoadPlan plan;
  plan.root = std::string(root);
  plan.reservations.insert(id);
  return plan;
}

}  // namespace budget
