#include "tests/sim/auditor.h"

#include <gtest/gtest.h>

namespace budget::sim {
namespace {

constexpr absl::Time kCalm = absl::FromUnixSeconds(1'700'000'000);

// Whether it may have been due at `due` and ended at `ended`, where the calm
// began at kCalm.
bool MayEnd(absl::Time due, absl::Time ended) {
  Verdicts verdicts;
  Auditor auditor(absl::Hours(24 * 90), verdicts);
  auditor.Calm(kCalm);
  WorkingSet set;
  set.root.name = "acme";
  WorkingSet::ReservationSlot slot;
  slot.reservation.state = ReservationState::kExpired;
  slot.reservation.expires_at = due;
  slot.changed = true;
  set.reservations[Uuid()] = slot;
  auditor.Committed(set, ended, ended);
  return !verdicts.breach();
}

TEST(AuditorTest, WhatIsDueInTheCalmEndsWithinTwoSeconds) {
  const absl::Time due = kCalm + absl::Seconds(5);
  EXPECT_TRUE(MayEnd(due, due + absl::Seconds(2)));
  EXPECT_FALSE(MayEnd(due, due + absl::Milliseconds(2001)));
}

TEST(AuditorTest, WhatWasDueBeforeTheCalmEndsWithinItsFirstTwoSeconds) {
  for (const absl::Time due : {kCalm - absl::Minutes(5), kCalm}) {
    EXPECT_TRUE(MayEnd(due, kCalm + absl::Seconds(2)));
    EXPECT_FALSE(MayEnd(due, kCalm + absl::Milliseconds(2001)));
  }
}

TEST(AuditorTest, WhatIsDueAsTheCalmBeginsIsNotForgiven) {
  const absl::Time due = kCalm + absl::Seconds(1);
  EXPECT_TRUE(MayEnd(due, due + absl::Seconds(2)));
  EXPECT_FALSE(MayEnd(due, due + absl::Milliseconds(2001)));
}

TEST(AuditorTest, WhatEndsUnderFaultsMayBeLate) {
  EXPECT_TRUE(MayEnd(kCalm - absl::Hours(1), kCalm - absl::Seconds(1)));
}

}  // namespace
}  // namespace budget::sim
