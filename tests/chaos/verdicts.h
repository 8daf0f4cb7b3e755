#ifndef BUDGET_TESTS_CHAOS_VERDICTS_H_
#define BUDGET_TESTS_CHAOS_VERDICTS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace budget::chaos {

// What must hold whatever happens. README.md says how each is checked.
enum class Invariant {
  kCapHolds,
  kEveryLevel,
  kOkHasEntry,
  kEntryHasCall,
  kOneEffect,
  kSameReply,
  kCountersFold,
  kOneEnd,
  kHoldFreed,
  kNoHoles,
  kRealTimeOrder,
  kBatchOrder,
  kDenialExplained,
  kReadMatches,
  kNeverEarly,
  kExpiresInTime,
  kNothingLeft,
  kRecovers,
  kResolved,
  kKnownErrors,
  kRetriesSuffice,
  kVerifyAgrees,
  kReplicasWell,
};

inline constexpr int kInvariants = 23;

// "cap_holds": as in chaos.json.
absl::string_view NameOf(Invariant invariant);
std::array<Invariant, kInvariants> AllInvariants();

// What was checked, how often, and what was found. Not thread-safe.
class Verdicts {
 public:
  // What is checked from now on is about what happened under `fault`.
  void Under(absl::string_view fault);

  // Counts one check of `invariant` that held.
  void Passed(Invariant invariant) { Count(invariant, true); }
  // Counts one that did not; the first few are kept as text.
  void Violated(Invariant invariant, std::string what);
  // `what` is asked only where it does not hold.
  void Check(Invariant invariant, bool holds,
             absl::FunctionRef<std::string()> what);

  int64_t checks(Invariant invariant) const { return At(invariant).checks; }
  int64_t violations(Invariant invariant) const {
    return At(invariant).violations;
  }
  const std::vector<std::string>& examples(Invariant invariant) const {
    return At(invariant).examples;
  }
  int64_t violations_total() const;

  struct Tally {
    int64_t checks = 0;
    int64_t violations = 0;
  };
  struct UnderFault {
    std::string fault;
    std::array<Tally, kInvariants> tallies;

    const Tally& Of(Invariant i) const {
      return tallies[static_cast<size_t>(i)];
    }
  };
  // What was checked since it was said under which fault.
  const std::vector<UnderFault>& by_fault() const { return by_fault_; }

  void Add(const Verdicts& other);

 private:
  struct Verdict {
    int64_t checks = 0;
    int64_t violations = 0;
    std::vector<std::string> examples;
  };
  void Count(Invariant invariant, bool held);
  UnderFault& Of(absl::string_view fault);
  Verdict& At(Invariant i) { return verdicts_[static_cast<size_t>(i)]; }
  const Verdict& At(Invariant i) const {
    return verdicts_[static_cast<size_t>(i)];
  }

  std::array<Verdict, kInvariants> verdicts_;
  std::vector<UnderFault> by_fault_;
  std::optional<size_t> now_;  // in by_fault_
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_VERDICTS_H_
