#include <algorithm>
#include <functional>
#include <type_traits>
#include <variant>

#include "tests/model/model.h"
#include "tests/model/paths.h"

namespace budget::model {
namespace {

bool Same(const CreateAllocation& a, const CreateAllocation& b) {
  return a.path == b.path && a.display_name == b.display_name &&
         a.labels == b.labels && a.policies == b.policies &&
         a.limits == b.limits;
}
bool Same(const UpdateAllocation& a, const UpdateAllocation& b) {
  return a.path == b.path && a.display_name == b.display_name &&
         a.labels == b.labels && a.policies == b.policies &&
         a.version == b.version;
}
bool Same(const ArchiveAllocation& a, const ArchiveAllocation& b) {
  return a.path == b.path && a.version == b.version;
}
bool Same(const SetLimit& a, const SetLimit& b) {
  return a.path == b.path && a.limit == b.limit && a.version == b.version;
}
bool Same(const RemoveLimit& a, const RemoveLimit& b) {
  return a.path == b.path && a.limit == b.limit && a.version == b.version;
}
bool Same(const Freeze& a, const Freeze& b) {
  return a.path == b.path && a.reason == b.reason;
}
bool Same(const Unfreeze& a, const Unfreeze& b) { return a.path == b.path; }
bool Same(const AdjustBalance& a, const AdjustBalance& b) {
  return a.path == b.path && a.limit == b.limit && a.unit == b.unit &&
         a.amount == b.amount && a.reason == b.reason;
}
bool Same(const TransferCap& a, const TransferCap& b) {
  const auto side = [](const TransferCap::Side& x, const TransferCap::Side& y) {
    return x.path == y.path && x.limit == y.limit && x.version == y.version;
  };
  return side(a.from, b.from) && side(a.to, b.to) && a.unit == b.unit &&
         a.amount == b.amount && a.reason == b.reason;
}
bool Same(const SetPrices& a, const SetPrices& b) {
  return a.root == b.root && a.prices == b.prices &&
         a.replaces_version == b.replaces_version;
}

}  // namespace

// The answer to a request id that is known, if it is.
std::optional<Prediction> Model::KnownRequest(const Operation& op) const {
  const AdminContext& context = *AdminContextOf(op);
  const auto known = requests_.find(context.request_id);
  if (known == requests_.end()) return std::nullopt;
  if (known->second.index() != op.index()) {
    return Prediction::Refuse(Reason::kIdempotencyMismatch, "method");
  }
  const bool same = std::visit(
      [&](const auto& a) {
        using Op = std::decay_t<decltype(a)>;
        if constexpr (requires { Same(a, a); }) {
          const Op* b = std::get_if<Op>(&known->second);
          return b != nullptr && Same(a, *b);
        }
        return false;
      },
      op);
  if (!same) {
    return Prediction::Refuse(Reason::kIdempotencyMismatch, "request");
  }
  Prediction p;
  p.replayed = true;
  return p;
}

int Model::FindLimit(absl::string_view path, absl::string_view name) const {
  for (size_t i = 0; i < limits_.size(); ++i) {
    const ModelLimit& l = limits_[i];
    if (!l.removed && l.path == path && l.spec.name == name) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

// A limit that is new counts what the ledger says of its window: what was
// admitted in it at and under its allocation. Open holds are pinned to it.
void Model::AddLimit(const std::string& path, const LimitSpec& spec) {
  const int index = static_cast<int>(limits_.size());
  limits_.push_back({.path = path, .spec = spec});
  const WindowKey current = KeyAt(spec.window, now_);
  const auto in_window = [&](absl::Time at) {
    const WindowKey key = KeyAt(spec.window, at);
    return limits_[index].IsRolling() ? IsLive(index, key, now_)
                                      : key == current;
  };
  const auto adopt = [&](ModelReservation& r) {
    const bool concerned =
        std::any_of(r.payload.allocations.begin(), r.payload.allocations.end(),
                    [&](const auto& p) { return IsWithin(p, path); });
    if (!concerned) return;
    const WindowKey key = KeyAt(spec.window, r.created_at);
    if (r.state == ReservationState::kOpen) {
      r.pins.emplace_back(index, key);
      // A window that is over is not opened with what was used in it.
      if (!in_window(r.created_at)) {
        limits_[index].facts.push_back(
            {key,
             {.spent = -r.spent[spec.unit], .overage = -r.overage[spec.unit]}});
      }
    } else if (in_window(r.created_at)) {
      limits_[index].facts.push_back(
          {key,
           {.spent = r.spent[spec.unit],
            .overage = r.overage[spec.unit],
            .unpriced = r.counted_unpriced ? 1 : 0}});
    }
  };
  for (auto& [id, r] : reservations_) adopt(r);
  for (ModelReservation& r : purged_) adopt(r);
  for (const ChainAdjustment& a : chain_adjustments_) {
    if (!IsWithin(a.path, path) || a.unit != spec.unit || !in_window(a.at)) {
      continue;
    }
    limits_[index].facts.push_back(
        {KeyAt(spec.window, a.at), {.spent = a.spent, .overage = a.overage}});
  }
}

Prediction Model::On(const CreateAllocation& op) {
  if (auto known = KnownRequest(op)) return *known;
  if (allocations_.contains(op.path)) {
    return Prediction::Refuse(Reason::kAllocationExists);
  }
  const std::string parent(Above(op.path));
  if (!parent.empty()) {
    const auto found = allocations_.find(parent);
    if (found == allocations_.end()) {
      return Prediction::Refuse(Reason::kAllocationNotFound);
    }
    if (found->second.archived) {
      return Prediction::Refuse(Reason::kAllocationArchived);
    }
  }
  allocations_[op.path] = {.policies = op.policies,
                           .display_name = op.display_name,
                           .labels = op.labels};
  for (const LimitSpec& spec : op.limits) AddLimit(op.path, spec);
  requests_.emplace(op.context.request_id, op);
  return {};
}

Prediction Model::On(const UpdateAllocation& op) {
  if (auto known = KnownRequest(op)) return *known;
  const auto found = allocations_.find(op.path);
  if (found == allocations_.end()) {
    return Prediction::Refuse(Reason::kAllocationNotFound);
  }
  ModelAllocation& a = found->second;
  if (op.version != a.version) return Prediction::Refuse(Reason::kEtagMismatch);
  if (op.policies) a.policies = *op.policies;
  if (op.display_name) a.display_name = *op.display_name;
  if (op.labels) a.labels = *op.labels;
  ++a.version;
  requests_.emplace(op.context.request_id, op);
  return {};
}

Prediction Model::On(const ArchiveAllocation& op) {
  if (auto known = KnownRequest(op)) return *known;
  const auto found = allocations_.find(op.path);
  if (found == allocations_.end()) {
    return Prediction::Refuse(Reason::kAllocationNotFound);
  }
  ModelAllocation& a = found->second;
  if (op.version != a.version) return Prediction::Refuse(Reason::kEtagMismatch);
  if (a.archived) {
    requests_.emplace(op.context.request_id, op);
    return {};
  }
  for (const auto& [path, child] : allocations_) {
    if (Above(path) == op.path && !child.archived) {
      return Prediction::Refuse(Reason::kAllocationNotEmpty);
    }
  }
  a.archived = true;
  ++a.version;
  requests_.emplace(op.context.request_id, op);
  return {};
}

Prediction Model::On(const SetLimit& op) {
  if (auto known = KnownRequest(op)) return *known;
  const auto found = allocations_.find(op.path);
  if (found == allocations_.end()) {
    return Prediction::Refuse(Reason::kAllocationNotFound);
  }
  ModelAllocation& a = found->second;
  const int limit = FindLimit(op.path, op.limit.name);
  if (limit >= 0 && !op.version) {
    return Prediction::Refuse(Reason::kInvalidField, "etag");
  }
  if (op.version && *op.version != a.version) {
    return Prediction::Refuse(Reason::kEtagMismatch);
  }
  if (a.archived) return Prediction::Refuse(Reason::kAllocationArchived);
  if (limit >= 0) {
    if (limits_[limit].spec.unit != op.limit.unit) {
      return Prediction::Refuse(Reason::kInvalidField, "limit.unit");
    }
    if (limits_[limit].spec.window != op.limit.window) {
      return Prediction::Refuse(Reason::kInvalidField, "limit.window");
    }
  }
  if (limit >= 0) {
    limits_[limit].spec.cap = op.limit.cap;
    limits_[limit].spec.warn_percent = op.limit.warn_percent;
  } else {
    AddLimit(op.path, op.limit);
  }
  ++a.version;
  requests_.emplace(op.context.request_id, op);
  return {};
}

Prediction Model::On(const RemoveLimit& op) {
  if (auto known = KnownRequest(op)) return *known;
  const auto found = allocations_.find(op.path);
  if (found == allocations_.end()) {
    return Prediction::Refuse(Reason::kAllocationNotFound);
  }
  ModelAllocation& a = found->second;
  const int limit = FindLimit(op.path, op.limit);
  if (limit < 0) return Prediction::Refuse(Reason::kLimitNotFound);
  if (op.version != a.version) return Prediction::Refuse(Reason::kEtagMismatch);
  limits_[limit].removed = true;
  ++a.version;
  requests_.emplace(op.context.request_id, op);
  return {};
}

Prediction Model::On(const Freeze& op) {
  if (auto known = KnownRequest(op)) return *known;
  const auto found = allocations_.find(op.path);
  if (found == allocations_.end()) {
    return Prediction::Refuse(Reason::kAllocationNotFound);
  }
  found->second.frozen = true;
  ++found->second.version;
  requests_.emplace(op.context.request_id, op);
  return {};
}

Prediction Model::On(const Unfreeze& op) {
  if (auto known = KnownRequest(op)) return *known;
  const auto found = allocations_.find(op.path);
  if (found == allocations_.end()) {
    return Prediction::Refuse(Reason::kAllocationNotFound);
  }
  ModelAllocation& a = found->second;
  if (a.frozen) ++a.version;
  a.frozen = false;
  requests_.emplace(op.context.request_id, op);
  return {};
}

// Takes `amount` off overage first, then off what is spent; of a rolling
// limit bucket by bucket, the newest first.
void Model::Credit(int limit, int64_t amount) {
  const ModelLimit& l = limits_[limit];
  std::set<WindowKey, std::greater<>> windows;
  if (l.IsRolling()) {
    for (const Fact& fact : l.facts) windows.insert(fact.window);
    for (const auto& [id, r] : reservations_) {
      for (const auto& [pinned, key] : r.pins) {
        if (pinned == limit) windows.insert(key);
      }
    }
  } else {
    windows.insert(KeyAt(l.spec.window, now_));
  }
  for (const bool overage : {true, false}) {
    for (WindowKey window : windows) {
      if (!IsLive(limit, window, now_)) continue;
      const Sums s = SumsInBucket(limit, window);
      const int64_t there = overage ? s.overage : s.spent;
      const int64_t taken = std::min(amount, there);
      if (taken <= 0) continue;
      amount -= taken;
      Sums change;
      (overage ? change.overage : change.spent) = -taken;
      limits_[limit].facts.push_back({window, change});
    }
  }
}

Prediction Model::On(const AdjustBalance& op) {
  if (auto known = KnownRequest(op)) return *known;
  const auto found = allocations_.find(op.path);
  if (found == allocations_.end()) {
    return Prediction::Refuse(Reason::kAllocationNotFound);
  }
  std::vector<int> targets;
  if (op.limit.empty()) {
    for (int limit : ChainLimits(op.path)) {
      if (limits_[limit].spec.unit == op.unit) targets.push_back(limit);
    }
  } else {
    const int limit = FindLimit(op.path, op.limit);
    if (limit < 0) return Prediction::Refuse(Reason::kLimitNotFound);
    if (limits_[limit].spec.unit != op.unit) {
      return Prediction::Refuse(Reason::kInvalidField, "unit");
    }
    targets.push_back(limit);
  }
  if (targets.empty()) {
    return Prediction::Refuse(Reason::kInvalidField, "unit");
  }
  return op.amount > 0 ? Debit(op, targets) : CreditAll(op, targets);
}

Prediction Model::Debit(const AdjustBalance& op,
                        const std::vector<int>& targets) {
  std::vector<Demand> demands;
  std::vector<ModelViolation> violations;
  Amounts asked;
  asked[op.unit] = op.amount;
  for (int limit : targets) {
    const WindowKey key = KeyAt(limits_[limit].spec.window, now_);
    demands.push_back({limit, key, op.amount});
    if (auto v = Check(demands.back())) violations.push_back(*v);
  }
  if (!violations.empty()) return Deny(violations, demands, asked);
  for (const Demand& demand : demands) {
    limits_[demand.limit].facts.push_back(
        {demand.window, {.spent = op.amount}});
  }
  if (op.limit.empty()) {
    chain_adjustments_.push_back({op.path, op.unit, now_, op.amount, 0});
  }
  requests_.emplace(op.context.request_id, op);
  return {};
}

Prediction Model::CreditAll(const AdjustBalance& op,
                            const std::vector<int>& targets) {
  if (!op.limit.empty()) {
    const int limit = targets.front();
    const Sums s =
        SumsOf(limit, KeyAt(limits_[limit].spec.window, now_), now_);
    if (-op.amount > s.spent + s.overage) {
      return Prediction::Refuse(Reason::kCreditExceedsSpent);
    }
  }
  for (int limit : targets) Credit(limit, -op.amount);
  if (op.limit.empty()) credited_chain_ = true;
  requests_.emplace(op.context.request_id, op);
  return {};
}

// What is wrong with one side of a transfer, looked at by itself.
std::optional<Prediction> Model::CheckSide(const TransferCap::Side& side,
                                           std::string field,
                                           Unit unit) const {
  const auto owner = allocations_.find(side.path);
  if (owner == allocations_.end()) {
    return Prediction::Refuse(Reason::kAllocationNotFound);
  }
  const int limit = FindLimit(side.path, side.limit);
  if (limit < 0) return Prediction::Refuse(Reason::kLimitNotFound);
  if (side.version != owner->second.version) {
    return Prediction::Refuse(Reason::kEtagMismatch);
  }
  const LimitSpec& spec = limits_[limit].spec;
  if (spec.unit != unit || !spec.cap) {
    return Prediction::Refuse(Reason::kInvalidField, field + ".limit");
  }
  return std::nullopt;
}

Prediction Model::On(const TransferCap& op) {
  if (auto known = KnownRequest(op)) return *known;
  if (auto wrong = CheckSide(op.from, "from", op.unit)) return *wrong;
  if (auto wrong = CheckSide(op.to, "to", op.unit)) return *wrong;
  const int giver = FindLimit(op.from.path, op.from.limit);
  LimitSpec& gives = limits_[giver].spec;
  LimitSpec& takes = limits_[FindLimit(op.to.path, op.to.limit)].spec;
  if (gives.window != takes.window) {
    return Prediction::Refuse(Reason::kInvalidField, "to.limit");
  }
  const Sums s = SumsOf(giver, KeyAt(gives.window, now_), now_);
  if (*gives.cap - op.amount < s.spent + s.reserved) {
    return Prediction::Refuse(Reason::kCapBelowCommitted);
  }
  *gives.cap -= op.amount;
  *takes.cap += op.amount;
  ++allocations_.at(op.from.path).version;
  ++allocations_.at(op.to.path).version;
  requests_.emplace(op.context.request_id, op);
  return {};
}

Prediction Model::On(const SetPrices& op) {
  if (auto known = KnownRequest(op)) return *known;
  if (!allocations_.contains(op.root)) {
    return Prediction::Refuse(Reason::kAllocationNotFound);
  }
  if (op.replaces_version != price_version()) {
    return Prediction::Refuse(Reason::kEtagMismatch);
  }
  std::map<std::string, ModelPrice> table;
  for (const ModelPrice& price : op.prices) table[price.model] = price;
  prices_.push_back(std::move(table));
  requests_.emplace(op.context.request_id, op);
  return {};
}

}  // namespace budget::model
