#ifndef BUDGET_LANE_SHARES_H_
#define BUDGET_LANE_SHARES_H_

#include <algorithm>
#include <cstddef>

#include "absl/container/flat_hash_map.h"
#include "server/lane/dispatcher.h"

namespace budget {

// How much each caller has in a queue that serves callers in turn. Not
// thread-safe.
class Shares {
 public:
  void Add(CallerId caller, size_t size) {
    of_[caller] += size;
    total_ += size;
  }

  // What has been added.
  void Remove(CallerId caller, size_t size) {
    const auto it = of_.find(caller);
    it->second -= size;
    total_ -= size;
    if (it->second == 0) of_.erase(it);
  }

  size_t total() const { return total_; }

  size_t Of(CallerId caller) const {
    const auto it = of_.find(caller);
    return it == of_.end() ? 0 : it->second;
  }

  // Whether a caller may have more, where there is room for `max`: each may
  // have an equal part of it, and all of them together no more than twice that.
  bool HasRoom(CallerId caller, size_t max) const {
    return Of(caller) * of_.size() < max && total_ < 2 * max;
  }

  // How much is served before `size` more of a caller has been: all that it has
  // here, and of each other as much as it and that together. Of very many
  // callers, no less than that.
  size_t Before(CallerId caller, size_t size) const {
    const size_t own = Of(caller);
    if (own == total_) return own;
    const size_t each = own + size;
    if (of_.size() > kCountedMax) return std::min(total_, each * of_.size());
    size_t before = 0;
    for (const auto& [_, has] : of_) before += std::min(has, each);
    return before;
  }

  // Whether a caller has as much here as it would if all had the same, or more.
  bool HasItsShare(CallerId caller) const {
    const size_t own = Of(caller);
    return own > 0 && own * of_.size() >= total_;
  }

 private:
  static constexpr size_t kCountedMax = 64;  // callers

  absl::flat_hash_map<CallerId, size_t> of_;
  size_t total_ = 0;
};

}  // namespace budget

#endif  // BUDGET_LANE_SHARES_H_
