#include "server/lane/part_queue.h"

#include <algorithm>

namespace budget {

void PartQueue::Push(Part part) {
  const CallerId caller = part.submission->caller;
  Flow& flow = flows_[caller];
  if (flow.parts.empty()) {
    flow.begins = std::max(flow.begins, now_);
    turns_.emplace(flow.begins, caller);
  }
  shares_.Add(caller, part.indexes.size());
  flow.parts.push_back(std::move(part));
}

Part PartQueue::Pop() {
  const auto [begins, caller] = *turns_.begin();
  turns_.erase(turns_.begin());
  now_ = begins;
  Flow& flow = flows_[caller];
  Part part = std::move(flow.parts.front());
  flow.parts.pop_front();
  flow.begins += part.indexes.size();
  if (!flow.parts.empty()) turns_.emplace(flow.begins, caller);
  shares_.Remove(caller, part.indexes.size());
  ForgetFlows();
  return part;
}

// What somebody has had is of no account once nobody waits, or among very
// many.
void PartQueue::ForgetFlows() {
  if (turns_.empty()) return flows_.clear();
  if (flows_.size() < forget_at_) return;
  absl::erase_if(flows_,
                 [](const auto& flow) { return flow.second.parts.empty(); });
  forget_at_ = std::max(kFlowsMin, 2 * flows_.size());
}

absl::Time PartQueue::LatestDeadline() const {
  absl::Time latest = absl::InfinitePast();
  for (const auto& [_, flow] : flows_) {
    for (const Part& part : flow.parts) {
      latest = std::max(latest, part.submission->deadline);
    }
  }
  return latest;
}

}  // namespace budget
