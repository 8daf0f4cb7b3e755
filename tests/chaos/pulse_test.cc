#include "tests/chaos/pulse.h"

#include <gtest/gtest.h>

namespace budget::chaos {
namespace {

constexpr Nanos kSecond = 1'000'000'000;

Call Returned(Answer answer, Nanos now) {
  return {.answer = answer, .called = now - 1, .returned = now};
}

// Twenty calls a second, of which every `lost`-th is not answered.
void Beat(Pulse& pulse, int from_second, int to_second, int lost) {
  int64_t calls = 0;
  for (Nanos now = from_second * kSecond; now < to_second * kSecond;
       now += kSecond / 20) {
    const bool answered = ++calls % lost != 0;
    pulse.Note(Returned(answered ? Answer::kOk : Answer::kUnknown, now));
  }
}

TEST(PulseTest, HasNotRecoveredWhileCallsAreLost) {
  Pulse pulse;
  Beat(pulse, 0, 20, 10);
  EXPECT_EQ(pulse.RecoveredAfter(0), std::nullopt);
}

TEST(PulseTest, HasNotRecoveredWhileNobodyIsAnswered) {
  Pulse pulse;
  pulse.Note(Returned(Answer::kOk, 0));
  pulse.Note(Returned(Answer::kOk, 20 * kSecond));
  EXPECT_EQ(pulse.RecoveredAfter(0), std::nullopt);
}

TEST(PulseTest, RecoversOnceAlmostAllAreAnsweredForAWhile) {
  Pulse pulse;
  Beat(pulse, 0, 10, 2);
  Beat(pulse, 10, 20, 1000);
  const auto after = pulse.RecoveredAfter(4 * kSecond);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(*after, absl::Seconds(6));
}

TEST(PulseTest, WhoRecoversAndFallsIllAgainWasNotWell) {
  Pulse pulse;
  Beat(pulse, 0, 4, 1000);
  Beat(pulse, 4, 8, 20);
  ASSERT_TRUE(pulse.RecoveredAfter(0).has_value());
  EXPECT_TRUE(pulse.WasWell(0, 4 * kSecond));
  EXPECT_FALSE(pulse.WasWell(4 * kSecond, 8 * kSecond));
}

TEST(PulseTest, WhoIsToldToComeAgainIsNotLeftAlone) {
  Pulse pulse;
  for (int i = 0; i < 200; ++i) {
    pulse.Note(Returned(i % 10 == 0 ? Answer::kRefused : Answer::kOk,
                        i * kSecond / 20));
  }
  EXPECT_TRUE(pulse.WasWell(0, 4 * kSecond));
  EXPECT_EQ(pulse.RecoveredAfter(0), std::nullopt);
}

TEST(PulseTest, WhoTellsMostToComeAgainIsNotWell) {
  Pulse pulse;
  for (int i = 0; i < 200; ++i) {
    pulse.Note(Returned(i % 5 == 0 ? Answer::kOk : Answer::kRefused,
                        i * kSecond / 20));
  }
  EXPECT_FALSE(pulse.WasWell(0, 4 * kSecond));
}

TEST(PulseTest, AMomentInWhichManyFailIsNoRelapse) {
  Pulse pulse;
  Beat(pulse, 0, 3, 1000);
  Beat(pulse, 3, 4, 2);
  EXPECT_TRUE(pulse.WasWell(0, 4 * kSecond));
}

TEST(PulseTest, TellsHowManyWereNotAnswered) {
  Pulse pulse;
  Beat(pulse, 0, 2, 4);
  EXPECT_EQ(pulse.Trace(0, kSecond), "1+0/5 1+0/5 2+0/5: 4 reserve unknown (0)");
}

TEST(PulseTest, NobodyIsWellWhomNobodyCalls) {
  Pulse pulse;
  Beat(pulse, 0, 4, 1000);
  EXPECT_FALSE(pulse.WasWell(4 * kSecond, 8 * kSecond));
}

TEST(PulseTest, ADenialIsAnAnswer) {
  Pulse pulse;
  for (int i = 0; i < 200; ++i) {
    pulse.Note(Returned(Answer::kDenied, i * kSecond / 20));
  }
  EXPECT_TRUE(pulse.RecoveredAfter(0).has_value());
}

}  // namespace
}  // namespace budget::chaos
