#ifndef BUDGET_LANE_PACE_H_
#define BUDGET_LANE_PACE_H_

#include <optional>

#include "absl/time/time.h"

namespace budget {

// How long the batches of a lane have been taking, from which the wait of what
// comes next is foretold. A batch counts from when its lane could have run it:
// waiting for a worker is part of the wait. Not thread-safe.
class Pace {
 public:
  // A batch is under way from `now` on, until End.
  void Begin(absl::Time now) { began_ = now; }
  void End(absl::Time now);

  // Ends a batch that came to nothing and so tells nothing.
  void Forget() { began_.reset(); }

  // How long a batch takes, as a rule.
  absl::Duration typical() const { return typical_; }

  // How long what has `batches_ahead` full batches before it, beside the one
  // under way, will probably wait for its own to begin. Zero in an idle lane.
  absl::Duration Wait(size_t batches_ahead, absl::Time now) const;

 private:
  std::optional<absl::Time> began_;
  absl::Duration typical_;
};

}  // namespace budget

#endif  // BUDGET_LANE_PACE_H_
