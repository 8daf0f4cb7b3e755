#ifndef BUDGET_LANE_CROWDING_H_
#define BUDGET_LANE_CROWDING_H_

#include <cstddef>
#include <vector>

#include "absl/time/time.h"

namespace budget {

// Knows which lanes crowd out others, and what they are to leave to them. A
// lane is crowded for some seconds after it has refused something for want of
// room. It gives way, by small batches and rests between them, while lanes that
// are not crowded are served for a good part of the time: not to somebody who
// asks for something now and then. Not thread-safe.
class Crowding {
 public:
  explicit Crowding(int lanes) : lanes_(static_cast<size_t>(lanes)) {}

  // A lane refused something for want of room.
  void Refused(int lane, absl::Time now);

  // A batch of a lane begins, and ends: then, how long the lane is to rest
  // before its next one.
  void Begin(int lane, absl::Time now);
  absl::Duration End(int lane, absl::Time now);

  // Since its latest batch: whether the next one is to be small.
  bool GivesWay(int lane) const;

  // Whether it is crowded and there are others at all.
  bool CrowdsOutOthers(int lane, absl::Time now) const;

 private:
  struct State {
    absl::Time refused = absl::InfinitePast();
    absl::Time began;
    absl::Time ended = absl::InfinitePast();  // the batch before
    absl::Duration others_served;             // by then
    bool gives_way = false;
  };

  bool IsCrowded(const State& state, absl::Time now) const;
  bool OthersAreBusy(const State& state, absl::Time now) const;

  std::vector<State> lanes_;
  // What the batches of lanes that were not crowded took, in all, and when the
  // latest of them ended.
  absl::Duration others_served_;
  absl::Time others_served_at_ = absl::InfinitePast();
};

}  // namespace budget

#endif  // BUDGET_LANE_CROWDING_H_
