#include "tests/sim/alarm_clock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

namespace budget::sim {
namespace {

[[noreturn]] void Hang() {
  while (true) pause();
}

TEST(AlarmClockTest, EndsAProcessThatTriesPatience) {
  EXPECT_EXIT(
      {
        const AlarmClock clock(absl::Milliseconds(20));
        Hang();
      },
      ::testing::KilledBySignal(SIGALRM), "");
}

TEST(AlarmClockTest, SaysWhatItWasTold) {
  EXPECT_EXIT(
      {
        OnAlarmSay("it goes on");
        const AlarmClock clock(absl::Milliseconds(20));
        Hang();
      },
      ::testing::ExitedWithCode(1), "it goes on");
}

TEST(AlarmClockTest, IsSilentAfterItsScope) {
  EXPECT_EXIT(
      {
        { const AlarmClock clock(absl::Milliseconds(20)); }
        usleep(100'000);
        _exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace budget::sim
