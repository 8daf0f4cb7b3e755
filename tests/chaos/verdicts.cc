#include "tests/chaos/verdicts.h"

#include <utility>

namespace budget::chaos {
namespace {

constexpr size_t kExamplesMax = 20;

constexpr std::array<absl::string_view, kInvariants> kNames = {
    "cap_holds",        "every_level",     "ok_has_entry",
    "entry_has_call",   "one_effect",      "same_reply",
    "counters_fold",    "one_end",         "hold_freed",
    "no_holes",         "real_time_order", "batch_order",
    "denial_explained", "read_matches",    "never_early",
    "expires_in_time",  "nothing_left",    "recovers",
    "unknown_resolved", "known_errors",    "retries_suffice",
    "verify_agrees",    "replicas_well"};

}  // namespace

absl::string_view NameOf(Invariant invariant) {
  return kNames[static_cast<size_t>(invariant)];
}

std::array<Invariant, kInvariants> AllInvariants() {
  std::array<Invariant, kInvariants> all;
  for (int i = 0; i < kInvariants; ++i) all[i] = static_cast<Invariant>(i);
  return all;
}

Verdicts::UnderFault& Verdicts::Of(absl::string_view fault) {
  for (UnderFault& under : by_fault_) {
    if (under.fault == fault) return under;
  }
  return by_fault_.emplace_back(UnderFault{std::string(fault), {}});
}

void Verdicts::Under(absl::string_view fault) {
  if (now_ && by_fault_[*now_].fault == fault) return;
  now_ = static_cast<size_t>(&Of(fault) - by_fault_.data());
}

void Verdicts::Count(Invariant invariant, bool held) {
  Verdict& verdict = At(invariant);
  ++verdict.checks;
  verdict.violations += held ? 0 : 1;
  if (!now_) return;
  Tally& tally = by_fault_[*now_].tallies[static_cast<size_t>(invariant)];
  ++tally.checks;
  tally.violations += held ? 0 : 1;
}

void Verdicts::Violated(Invariant invariant, std::string what) {
  Count(invariant, false);
  Verdict& verdict = At(invariant);
  if (verdict.examples.size() < kExamplesMax) {
    verdict.examples.push_back(std::move(what));
  }
}

void Verdicts::Check(Invariant invariant, bool holds,
                     absl::FunctionRef<std::string()> what) {
  if (holds) {
    Passed(invariant);
  } else {
    Violated(invariant, what());
  }
}

int64_t Verdicts::violations_total() const {
  int64_t total = 0;
  for (const Verdict& verdict : verdicts_) total += verdict.violations;
  return total;
}

void Verdicts::Add(const Verdicts& other) {
  for (Invariant invariant : AllInvariants()) {
    const Verdict& from = other.At(invariant);
    Verdict& to = At(invariant);
    to.checks += from.checks;
    to.violations += from.violations;
    for (const std::string& example : from.examples) {
      if (to.examples.size() < kExamplesMax) to.examples.push_back(example);
    }
  }
  for (const UnderFault& from : other.by_fault_) {
    UnderFault& to = Of(from.fault);
    for (size_t i = 0; i < from.tallies.size(); ++i) {
      to.tallies[i].checks += from.tallies[i].checks;
      to.tallies[i].violations += from.tallies[i].violations;
    }
  }
}

}  // namespace budget::chaos
