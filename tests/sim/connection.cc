#include "tests/sim/connection.h"

#include <utility>

namespace budget::sim {

absl::Status Connection::Transact(
    Turn turn, absl::Span<const LoadPlan> plans,
    absl::FunctionRef<void(WorkingSets&, absl::Time now)> decide,
    absl::Time deadline) {
  const Fate fate = std::exchange(fate_, Fate::kAnswered);
  committed_ = false;
  in_doubt_ = false;
  if (fate == Fate::kUnreachable) return absl::AbortedError("unreachable");
  const bool rolls_back = fate == Fate::kConflict || fate == Fate::kLost ||
                          fate == Fate::kNoRoom;
  if (rolls_back) database_.RollBackNext();
  const absl::Status status = base().Transact(
      std::move(turn), plans,
      [&](WorkingSets& sets, absl::Time now) {
        decided_at_ = now;
        decide(sets, now);
      },
      deadline);
  database_.RollBackNothing();
  if (absl::IsUnavailable(status)) {
    return fate == Fate::kNoRoom ? absl::ResourceExhaustedError("no room")
                                 : absl::AbortedError("rolled back");
  }
  if (!status.ok()) return status;
  committed_ = true;
  if (fate == Fate::kDies) return absl::AbortedError("dead");
  takes_for_lost_ = database_.decides_anew() && !takes_for_lost_;
  if (takes_for_lost_) return absl::AbortedError("taken for lost");
  in_doubt_ = fate == Fate::kInDoubt;
  return absl::OkStatus();
}

}  // namespace budget::sim
