#ifndef BUDGET_LANE_CROWDING_H_
#define BUDGET_LANE_CROWDING_H_

#include <array>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/lane/dispatcher.h"
#include "server/lane/submission.h"

namespace budget {

// A caller in one of the lanes.
struct Place {
  int lane;
  CallerId caller;

  friend bool operator==(const Place&, const Place&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Place& place) {
    return H::combine(std::move(h), place.lane, place.caller);
  }
};

// Knows who crowds out others, and what they are to leave to them. A caller
// crowds a lane for some seconds after it asked for more than its share there
// (Lane::Admission). All crowds together give way, by small batches, one at a
// time, and rests between them, while others are served for a good part of the
// time: not to somebody who asks for something now and then. Not thread-safe.
class Crowding {
 public:
  // It crowds now.
  void Add(const Place& place, absl::Time now);
  bool Crowds(const Place& place, absl::Time now) const;

  // Whether others, who do not crowd, have been served lately.
  bool HasOthers(const Place& place, absl::Time now) const;

  // A batch of `parts` has ended, which took so long. One is of the crowd if
  // all of its callers crowd now: then, how long the next one of a crowd is to
  // wait.
  absl::Duration Served(int lane, absl::Span<const Part> parts,
                        absl::Duration took, absl::Time now);

  // Since the latest batch of a crowd: whether they give way.
  bool GivesWay(absl::Time now) const;

 private:
  struct Seen {
    Place place = {.lane = -1, .caller = 0};
    absl::Time at = absl::InfinitePast();
  };

  void Remember(const Place& place, absl::Time now);
  absl::Duration ServedCrowd(absl::Duration took, absl::Time now);

  // So many are remembered before those who do not crowd any more go.
  static constexpr size_t kForgetAt = 1000;

  absl::flat_hash_map<Place, absl::Time> crowds_;  // when it was added
  size_t forget_at_ = kForgetAt;
  // Who was served at last and did not crowd; two, so that there is another
  // for each.
  std::array<Seen, 2> others_;
  absl::Duration others_served_;  // in all
  // Of the latest batch of a crowd.
  absl::Time crowd_ended_ = absl::InfinitePast();
  absl::Duration others_served_then_;
  bool gives_way_ = false;
};

}  // namespace budget

#endif  // BUDGET_LANE_CROWDING_H_
