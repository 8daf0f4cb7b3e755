#include "tests/sim/fan_out.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <type_traits>
#include <vector>

#include "tests/sim/alarm_clock.h"
#include "tests/sim/simulation.h"

namespace budget::sim {
namespace {

struct Message {
  uint64_t seed = 0;
  bool ended = false;  // or it has begun
  Totals totals;
};
static_assert(std::is_trivially_copyable_v<Message>,
              "processes hand it over as it is");

struct Worker {
  pid_t process = 0;
  int from = 0;  // the end of the pipe that is read
};

void Tell(int to, const Message& message) {
  if (write(to, &message, sizeof(message)) !=
      static_cast<ssize_t>(sizeof(message))) {
    std::_Exit(1);
  }
}

Totals RunInTime(uint64_t seed, const FanOut& fan_out) {
  const AlarmClock clock(PatienceWith(fan_out));
  return TotalsOf(RunSeed(OptionsOf(seed, fan_out)));
}

[[noreturn]] void Work(const FanOut& fan_out, int number, int to) {
  const uint64_t end = fan_out.first + static_cast<uint64_t>(fan_out.seeds);
  for (uint64_t seed = fan_out.first + static_cast<uint64_t>(number);
       seed < end; seed += static_cast<uint64_t>(fan_out.jobs)) {
    Tell(to, {.seed = seed});
    const Totals totals = RunInTime(seed, fan_out);
    Tell(to, {.seed = seed, .ended = true, .totals = totals});
  }
  std::_Exit(0);
}

Worker StartWorker(const FanOut& fan_out, int number) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t process = fork();
  if (process < 0) std::abort();
  if (process == 0) {
    close(ends[0]);
    Work(fan_out, number, ends[1]);
  }
  close(ends[1]);
  return {.process = process, .from = ends[0]};
}

// The next message; false where the process has ended.
bool Hear(int from, Message& message) {
  auto* const begin = reinterpret_cast<char*>(&message);
  for (size_t got = 0; got < sizeof(message);) {
    const ssize_t more = read(from, begin + got, sizeof(message) - got);
    if (more <= 0) return false;
    got += static_cast<size_t>(more);
  }
  return true;
}

// What there is to tell of a process that has ended while it ran `seed`.
SeedNews NewsOfEnd(uint64_t seed, int status) {
  SeedNews news{.seed = seed};
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    constexpr auto kIndex = static_cast<size_t>(Invariant::kEnds);
    news.totals.checks[kIndex] = news.totals.breaches[kIndex] = 1;
  } else {
    news.died = true;
  }
  return news;
}

}  // namespace

SeedOptions OptionsOf(uint64_t seed, const FanOut& fan_out) {
  SeedOptions options{.seed = seed, .operations = fan_out.operations};
  if (fan_out.planted) options.planted = Plant(*fan_out.planted);
  return options;
}

absl::Duration PatienceWith(const FanOut& fan_out) {
  return fan_out.patience + fan_out.operations * absl::Milliseconds(10);
}

void RunSeeds(const FanOut& fan_out,
              const std::function<void(const SeedNews&)>& on_seed) {
  std::vector<Worker> workers;
  for (int i = 0; i < fan_out.jobs; ++i) {
    workers.push_back(StartWorker(fan_out, i));
  }
  // They take about the same time, so hearing them in turn keeps none waiting
  // for long: a pipe holds many messages.
  std::vector<Message> last(workers.size());
  std::vector<bool> open(workers.size(), true);
  for (size_t left = workers.size(), i = 0; left > 0;
       i = (i + 1) % workers.size()) {
    if (!open[i]) continue;
    Message message;
    if (Hear(workers[i].from, message)) {
      last[i] = message;
      if (message.ended) {
        on_seed({.seed = message.seed, .totals = message.totals});
      }
      continue;
    }
    open[i] = false;
    --left;
    close(workers[i].from);
    int status = 0;
    waitpid(workers[i].process, &status, 0);
    if (status != 0) on_seed(NewsOfEnd(last[i].seed, status));
  }
}

}  // namespace budget::sim
