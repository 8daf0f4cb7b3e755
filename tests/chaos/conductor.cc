#include "tests/chaos/conductor.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace budget::chaos {
namespace {

constexpr absl::Duration kRecoveryMax = absl::Seconds(10);
// How long is waited for a service that does not recover in time.
constexpr absl::Duration kRecoveryPatience = absl::Seconds(60);
// Long enough for holds to come due, and for two seconds more.
constexpr size_t kFaultsBetweenPauses = 3;
constexpr int kPauseMillis = 4000;

// Until the service is well again, or not.
std::optional<absl::Duration> AwaitRecovery(Stage& stage, const Pulse& pulse,
                                            Nanos healed) {
  std::optional<absl::Duration> after;
  Within(kRecoveryPatience, [&] {
    after = pulse.RecoveredAfter(healed);
    return after.has_value() || stage.interrupted();
  });
  return after;
}

void Judge(const Fault& fault, const std::optional<absl::Duration>& after,
           Verdicts& verdicts, Log& log) {
  verdicts.Under(fault.name);
  verdicts.Check(Invariant::kRecovers, after && *after <= kRecoveryMax, [&] {
    return absl::StrCat("after ", fault.name, ": ",
                        after ? absl::FormatDuration(*after) : "not at all");
  });
  absl::Duration& slowest = log.slowest_recovery[fault.name];
  slowest = std::max(slowest, after.value_or(kRecoveryPatience));
}

void Tell(const Fault& fault, int times, absl::Duration broken,
          const std::optional<absl::Duration>& after) {
  absl::FPrintF(stderr, "%-28s x%-3d broken %6.2f s, well after %s\n",
                fault.name, times, absl::ToDoubleSeconds(broken),
                after ? absl::FormatDuration(*after) : "never");
}

// The run observes recovery later than it happens, and meanwhile the service is
// held to what it promises.
absl::Status RunOne(Stage& stage, const Fault& fault, const Pulse& pulse,
                    Verdicts& verdicts, Log& log) {
  const Nanos begun = NowNanos();
  const absl::Time begun_at = absl::Now();
  Trouble& trouble = log.troubles.emplace_back(
      Trouble{.begin_micros = absl::ToUnixMicros(begun_at),
              .fault = fault.name,
              .spares_sweepers = fault.spares_sweepers});
  const absl::StatusOr<int> times = fault.run(stage);
  const Nanos healed = NowNanos();
  const absl::Time healed_at = absl::Now();
  if (absl::IsUnimplemented(times.status())) {
    trouble.end_micros = absl::ToUnixMicros(healed_at);
    log.not_done[fault.name] = std::string(times.status().message());
    return absl::OkStatus();
  }
  if (!times.ok()) return times.status();
  const auto after = AwaitRecovery(stage, pulse, healed);
  trouble.end_micros =
      absl::ToUnixMicros(after ? healed_at + *after : absl::Now());
  if (stage.interrupted()) return absl::OkStatus();
  Judge(fault, after, verdicts, log);
  log.faults[fault.name] += *times;
  if (fault.forgets) log.forgetful.emplace_back(begun, healed);
  Tell(fault, *times, healed_at - begun_at, after);
  return absl::OkStatus();
}

// Nothing is broken: the service stays well. What was still under way when the
// last fault was over has returned before recovery was seen.
void LeaveAlone(Stage& stage, const Pulse& pulse, Verdicts& verdicts) {
  const Nanos begun = NowNanos();
  stage.Last(kPauseMillis, kPauseMillis);
  if (stage.interrupted()) return;
  verdicts.Under(Weather::kCalm);
  const Nanos ended = NowNanos();
  const bool well = pulse.WasWell(begun, ended);
  const std::string trace = pulse.Trace(begun, ended);
  if (!well) absl::FPrintF(stderr, "left alone, and not well: %s\n", trace);
  verdicts.Check(Invariant::kRecovers, well, [&] {
    return absl::StrCat("was well again, and then not, while left alone: of ",
                        "each 250 ms, unanswered + refused / all: ", trace);
  });
}

// Takes one of `bag` out of it.
Fault TakeAny(Stage& stage, std::vector<Fault>& bag) {
  const int next = stage.Between(0, static_cast<int>(bag.size()) - 1);
  const Fault fault = bag[next];
  bag.erase(bag.begin() + next);
  return fault;
}

}  // namespace

absl::Status Conduct(Stage& stage, const std::vector<Fault>& faults,
                     absl::Time end, const Pulse& pulse, Verdicts& verdicts,
                     Log& log) {
  log.micros_at_zero = absl::ToUnixMicros(absl::Now()) - NowNanos() / 1000;
  std::vector<Fault> bag = faults;
  for (size_t run = 1; !stage.interrupted(); ++run) {
    const Fault fault = TakeAny(stage, bag);
    const absl::Status done = RunOne(stage, fault, pulse, verdicts, log);
    if (!done.ok()) {
      return absl::Status(done.code(),
                          absl::StrCat(fault.name, ": ", done.message()));
    }
    if (run >= faults.size() && absl::Now() >= end) break;
    if (bag.empty()) bag = faults;
    if (run % kFaultsBetweenPauses == 0) LeaveAlone(stage, pulse, verdicts);
  }
  verdicts.Under(Weather::kCalm);
  return absl::OkStatus();
}

}  // namespace budget::chaos
