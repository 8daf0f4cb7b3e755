#ifndef BUDGET_LANE_TURN_QUEUE_H_
#define BUDGET_LANE_TURN_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "server/lane/dispatcher.h"
#include "server/lane/shares.h"

namespace budget {

// Items of callers who are served in turn, each for as much as the others, as
// far as items are not divided (start-time fair queueing: Goyal, Vin and Cheng,
// 1996); those of one caller in order. Not thread-safe.
template <typename Item>
class TurnQueue {
 public:
  // `size`, at least 1, is what it counts among the others.
  void Push(CallerId caller, size_t size, Item item) {
    Flow& flow = flows_[caller];
    if (flow.items.empty()) {
      flow.begins = std::max(flow.begins, now_);
      turns_.emplace(flow.begins, caller);
    }
    shares_.Add(caller, size);
    flow.items.push_back({.size = size, .item = std::move(item)});
  }

  bool empty() const { return turns_.empty(); }

  // The next one; there must be one.
  Item Pop() {
    const auto [begins, caller] = *turns_.begin();
    turns_.erase(turns_.begin());
    now_ = begins;
    Flow& flow = flows_[caller];
    Waiting next = std::move(flow.items.front());
    flow.items.pop_front();
    flow.begins += next.size;
    if (!flow.items.empty()) turns_.emplace(flow.begins, caller);
    shares_.Remove(caller, next.size);
    ForgetFlows();
    return std::move(next.item);
  }

  const Shares& shares() const { return shares_; }  // by size

  // Calls visit(item) for each that waits.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const auto& [_, flow] : flows_) {
      for (const Waiting& waiting : flow.items) visit(waiting.item);
    }
  }

  // Callers of whom something is remembered, for tests.
  size_t flows() const { return flows_.size(); }

 private:
  struct Waiting {
    size_t size;
    Item item;
  };
  struct Flow {
    std::deque<Waiting> items;
    uint64_t begins = 0;  // its next item: what was served to each by then
  };
  using Turn = std::pair<uint64_t, CallerId>;
  static constexpr size_t kFlowsMin = 1000;

  // What somebody has had is of no account once nobody waits, or among very
  // many.
  void ForgetFlows() {
    if (turns_.empty()) return flows_.clear();
    if (flows_.size() < forget_at_) return;
    absl::erase_if(flows_,
                   [](const auto& flow) { return flow.second.items.empty(); });
    forget_at_ = std::max(kFlowsMin, 2 * flows_.size());
  }

  Shares shares_;
  // Callers with items, and those who have had more than the others so far.
  absl::flat_hash_map<CallerId, Flow> flows_;
  size_t forget_at_ = kFlowsMin;  // so many flows
  std::set<Turn> turns_;          // of who has items
  uint64_t now_ = 0;              // served to each
};

}  // namespace budget

#endif  // BUDGET_LANE_TURN_QUEUE_H_
