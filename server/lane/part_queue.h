#ifndef BUDGET_LANE_PART_QUEUE_H_
#define BUDGET_LANE_PART_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "server/lane/shares.h"
#include "server/lane/submission.h"

namespace budget {

// Parts that wait. Callers are served in turn, one operation of each, as far as
// parts are not divided (start-time fair queueing: Goyal, Vin and Cheng, 1996);
// those of one caller in order. Not thread-safe.
class PartQueue {
 public:
  void Push(Part part);

  bool empty() const { return turns_.empty(); }

  // The next one; there must be one.
  Part Pop();

  const Shares& shares() const { return shares_; }  // of operations

  // Callers of whom something is remembered, for tests.
  size_t flows() const { return flows_.size(); }

  // The latest deadline of what waits; InfinitePast where nothing does.
  absl::Time LatestDeadline() const;

 private:
  struct Flow {
    std::deque<Part> parts;
    uint64_t begins = 0;  // its next part: operations served to each by then
  };
  using Turn = std::pair<uint64_t, CallerId>;
  static constexpr size_t kFlowsMin = 1000;

  void ForgetFlows();

  Shares shares_;
  // Callers with parts, and those who have had more than the others so far.
  absl::flat_hash_map<CallerId, Flow> flows_;
  size_t forget_at_ = kFlowsMin;  // so many flows
  std::set<Turn> turns_;          // of who has parts
  uint64_t now_ = 0;              // operations served to each
};

}  // namespace budget

#endif  // BUDGET_LANE_PART_QUEUE_H_
