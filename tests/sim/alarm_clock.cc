#include "tests/sim/alarm_clock.h"

#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <utility>

namespace budget::sim {
namespace {

void RingAfter(absl::Duration duration) {
  const itimerval timer = {.it_value = absl::ToTimeval(duration)};
  if (setitimer(ITIMER_REAL, &timer, nullptr) != 0) std::abort();
}

// For a handler, which is given nothing and may not allocate.
std::string& LastWords() {
  static auto* const words = new std::string;
  return *words;
}

void SayAndEnd(int) {
  const std::string& words = LastWords();
  const ssize_t said = write(STDERR_FILENO, words.data(), words.size());
  std::_Exit(said < 0 ? 2 : 1);
}

}  // namespace

AlarmClock::AlarmClock(absl::Duration patience) { RingAfter(patience); }

AlarmClock::~AlarmClock() { RingAfter(absl::ZeroDuration()); }

void OnAlarmSay(std::string last_words) {
  LastWords() = std::move(last_words);
  std::signal(SIGALRM, SayAndEnd);
}

}  // namespace budget::sim
