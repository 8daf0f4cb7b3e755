#include "tests/sim/verdicts.h"

namespace budget::sim {

absl::string_view InvariantName(Invariant invariant) {
  switch (invariant) {
    case Invariant::kCapHolds:
      return "cap_holds";
    case Invariant::kAckHasRow:
      return "acknowledged_has_row";
    case Invariant::kRowHasCall:
      return "row_has_call";
    case Invariant::kOneEffect:
      return "one_effect_per_id";
    case Invariant::kSameAnswer:
      return "replay_equals_first";
    case Invariant::kCountersFold:
      return "counters_are_the_fold";
    case Invariant::kOneEnd:
      return "one_end";
    case Invariant::kNoHoles:
      return "sequence_without_holes";
    case Invariant::kDatabaseTime:
      return "time_is_the_databases";
    case Invariant::kLinearizable:
      return "linearizable";
    case Invariant::kPredicted:
      return "reply_as_predicted";
    case Invariant::kStoredAsSaid:
      return "stored_as_committed";
    case Invariant::kNothingBroken:
      return "no_constraint_fires";
    case Invariant::kAnswered:
      return "answered_after_healing";
    case Invariant::kNothingLeftOpen:
      return "nothing_open_past_ttl";
    case Invariant::kEnds:
      return "ends";
  }
  return "";
}

}  // namespace budget::sim
