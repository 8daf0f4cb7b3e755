#ifndef BUDGET_LANE_SHARES_H_
#define BUDGET_LANE_SHARES_H_

#include <cstddef>

#include "absl/container/flat_hash_map.h"
#include "server/lane/dispatcher.h"

namespace budget {

// How many operations each caller has in a queue. Not thread-safe.
class Shares {
 public:
  void Add(CallerId caller, size_t operations) {
    of_[caller] += operations;
    total_ += operations;
  }

  // What has been added.
  void Remove(CallerId caller, size_t operations) {
    const auto it = of_.find(caller);
    it->second -= operations;
    total_ -= operations;
    if (it->second == 0) of_.erase(it);
  }

  // How many there would be if all callers that are here had as many as this
  // one. By that, whoever has less than others does not pay for their queue.
  size_t IfAllWereLike(CallerId caller) const {
    const auto it = of_.find(caller);
    return it == of_.end() ? 0 : it->second * of_.size();
  }

  // Whether a caller has as much as it would if all had the same, or more.
  bool HasItsShare(CallerId caller) const {
    return total_ > 0 && IfAllWereLike(caller) >= total_;
  }

 private:
  absl::flat_hash_map<CallerId, size_t> of_;
  size_t total_ = 0;
};

}  // namespace budget

#endif  // BUDGET_LANE_SHARES_H_
