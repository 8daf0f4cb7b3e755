#include "tests/sim/totals.h"

namespace budget::sim {
namespace {

template <size_t n>
void Add(const std::array<int64_t, n>& from, std::array<int64_t, n>& to) {
  for (size_t i = 0; i < n; ++i) to[i] += from[i];
}

}  // namespace

Totals& Totals::operator+=(const Totals& other) {
  seeds += other.seeds;
  operations += other.operations;
  transactions += other.transactions;
  entries += other.entries;
  virtual_seconds += other.virtual_seconds;
  answered_ok += other.answered_ok;
  after_healing += other.after_healing;
  after_healing_late += other.after_healing_late;
  hash += other.hash;
  Add(other.refused, refused);
  Add(other.faults, faults);
  Add(other.checks, checks);
  Add(other.breaches, breaches);
  return *this;
}

Totals TotalsOf(const SeedResult& result) {
  Totals totals{.seeds = 1,
                .operations = result.operations,
                .transactions = result.transactions,
                .entries = result.entries,
                .virtual_seconds = absl::ToInt64Seconds(result.virtual_time),
                .answered_ok = result.answers.ok,
                .after_healing = result.answers.after_healing,
                .after_healing_late = result.answers.after_healing_late,
                .hash = result.hash};
  for (const auto& [reason, count] : result.answers.refused) {
    totals.refused[static_cast<size_t>(reason)] = count;
  }
  for (size_t i = 0; i < kFaultKinds; ++i) {
    totals.faults[i] = result.faults[static_cast<FaultKind>(i)];
  }
  for (size_t i = 0; i < kInvariants; ++i) {
    totals.checks[i] = result.verdicts.checks(static_cast<Invariant>(i));
  }
  if (const auto& breach = result.verdicts.breach()) {
    totals.breaches[static_cast<size_t>(breach->invariant)] = 1;
  }
  return totals;
}

}  // namespace budget::sim
