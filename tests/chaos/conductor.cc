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
  verdicts.Check(Invariant::kRecovers, after && *after <= kRecoveryMax, [&] {
    return absl::StrCat("after ", fault.name, ": ",
                        after ? absl::FormatDuration(*after) : "not at all");
  });
  absl::Duration& slowest = log.slowest_recovery[fault.name];
  slowest = std::max(slowest, after.value_or(kRecoveryPatience));
}

absl::Status RunOne(Stage& stage, const Fault& fault, const Pulse& pulse,
                    Verdicts& verdicts, Log& log) {
  const Nanos begun = NowNanos();
  Trouble trouble{.begin_micros = absl::ToUnixMicros(absl::Now())};
  const absl::StatusOr<int> times = fault.run(stage);
  if (absl::IsUnimplemented(times.status())) {
    log.not_done.push_back(
        absl::StrCat(fault.name, ": ", times.status().message()));
    return absl::OkStatus();
  }
  if (!times.ok()) return times.status();
  const Nanos healed = NowNanos();
  const auto after = AwaitRecovery(stage, pulse, healed);
  if (stage.interrupted()) return absl::OkStatus();
  Judge(fault, after, verdicts, log);
  log.faults[fault.name] += *times;
  trouble.end_micros = absl::ToUnixMicros(absl::Now());
  log.troubles.push_back(trouble);
  if (fault.forgets) log.forgetful.emplace_back(begun, NowNanos());
  absl::FPrintF(stderr, "%-28s x%-3d broken %6.2f s, well after %s\n",
                fault.name, *times, 1e-9 * static_cast<double>(healed - begun),
                after ? absl::FormatDuration(*after) : "never");
  return absl::OkStatus();
}

}  // namespace

absl::Status Conduct(Stage& stage, const std::vector<Fault>& faults,
                     absl::Time end, const Pulse& pulse, Verdicts& verdicts,
                     Log& log) {
  std::vector<Fault> bag;
  while (!stage.interrupted() && absl::Now() < end) {
    if (bag.empty()) bag = faults;
    const size_t next =
        stage.Between(0, static_cast<int>(bag.size()) - 1);
    const Fault fault = bag[next];
    bag.erase(bag.begin() + static_cast<std::ptrdiff_t>(next));
    const absl::Status done = RunOne(stage, fault, pulse, verdicts, log);
    if (!done.ok()) {
      return absl::Status(done.code(),
                          absl::StrCat(fault.name, ": ", done.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace budget::chaos
