#ifndef BUDGET_TESTS_SIM_VERDICTS_H_
#define BUDGET_TESTS_SIM_VERDICTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace budget::sim {

// What must hold. InvariantName says each in the report.
enum class Invariant {
  kCapHolds,        // no entry raises spent + reserved past the cap in force
  kAckHasRow,       // what was answered OK is in the ledger by then
  kRowHasCall,      // each entry is of a call that runs, or an expiry
  kOneEffect,       // an id has at most one effect
  kSameAnswer,      // a repeat is answered what the first call was
  kCountersFold,    // counters are the fold of the ledger
  kOneEnd,          // a reservation ends once and holds nothing afterwards
  kNoHoles,         // the ledger of a root is numbered 1, 2, 3 ...
  kDatabaseTime,    // entries are of the database's time, which never falls
  kLinearizable,    // commits respect the order of calls that do not overlap
  kPredicted,       // the model predicts each answer, in the order of commits
  kStoredAsSaid,    // the store has what it committed, to the last field
  kNothingBroken,   // no constraint ever fires
  kAnswered,        // 99% of calls within 10 s once faults have stopped
  kNothingLeftOpen, // nothing is open past its TTL + 2 s
  kEnds,            // the seed comes to an end
};
inline constexpr size_t kInvariants =
    static_cast<size_t>(Invariant::kEnds) + 1;

absl::string_view InvariantName(Invariant invariant);

struct Breach {
  Invariant invariant;
  std::string detail;
};

// Counts checks and keeps the first breach.
class Verdicts {
 public:
  void Check(Invariant invariant, bool holds,
             absl::FunctionRef<std::string()> detail) {
    ++checks_[static_cast<size_t>(invariant)];
    if (holds || breach_) return;
    breach_ = Breach{invariant, detail()};
  }

  const std::optional<Breach>& breach() const { return breach_; }
  int64_t checks(Invariant invariant) const {
    return checks_[static_cast<size_t>(invariant)];
  }

 private:
  std::array<int64_t, kInvariants> checks_{};
  std::optional<Breach> breach_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_VERDICTS_H_
