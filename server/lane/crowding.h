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

// Knows who crowds out others. A caller crowds a lane for some seconds after it
// was refused room there, while other callers are served in whatever lane.
// Nobody is another to itself. Not thread-safe.
class Crowding {
 public:
  // A caller was refused room in a lane while it had its share there.
  void Refused(int lane, CallerId caller, absl::Time now);

  // These have been served.
  void Served(absl::Span<const Part> parts, absl::Time now);

  bool Crowds(int lane, CallerId caller, absl::Time now) const;

 private:
  struct Seen {
    CallerId caller = kTheService;
    absl::Time at = absl::InfinitePast();
  };
  using Place = std::pair<int, CallerId>;

  bool HasOthers(CallerId caller, absl::Time now) const;
  void Remember(CallerId caller, absl::Time now);

  // So many are remembered before those go who were not refused lately.
  static constexpr size_t kPlacesMin = 1000;

  absl::flat_hash_map<Place, absl::Time> refused_;  // when, at last
  size_t forget_at_ = kPlacesMin;
  // Who was served at last; two, so that there is another for each.
  std::array<Seen, 2> served_;
};

}  // namespace budget

#endif  // BUDGET_LANE_CROWDING_H_
