#include "server/app/lookout.h"

#include <algorithm>
#include <string>

#include "absl/random/random.h"
#include "server/app/log.h"

namespace budget {
namespace {

constexpr absl::Duration kSurveyPause = absl::Seconds(5);
constexpr absl::Duration kWalkPause = absl::Seconds(1);

void LogDrift(absl::string_view root, const VerifyReport& report) {
  LogError("drift", {{"root", root},
                     {"discrepancies", report.discrepancies_total},
                     {"ledger_sequence", report.ledger_sequence}});
  constexpr size_t kShown = 5;
  for (size_t i = 0; i < std::min(kShown, report.discrepancies.size()); ++i) {
    const Discrepancy& found = report.discrepancies[i];
    LogError("discrepancy", {{"root", root},
                             {"subject", found.subject},
                             {"ledger", found.ledger},
                             {"stored", found.stored}});
  }
}

VerifyWalkOptions WalkOptions(const Config& config) {
  VerifyWalkOptions options;
  options.interval = config.verify_interval;
  options.entries_max = config.verify_entries_max;
  options.on_drift = LogDrift;
  absl::BitGen random;
  options.after = std::string(1, absl::Uniform<char>(random, 'a', 'z'));
  return options;
}

}  // namespace

Lookout::Lookout(const Config& config, Store& store, Clock& clock,
                 ServiceMeters& meters)
    : survey_(store, clock, config.holds_interval, meters),
      seals_(store, clock, meters),
      walk_(store, clock, WalkOptions(config), meters),
      surveyor_(kSurveyPause, [this] {
        survey_.Look();
        seals_.Step();
      }) {
  if (config.verify_interval > absl::ZeroDuration()) {
    walker_.emplace(kWalkPause, [this] { walk_.Step(); });
  }
}

}  // namespace budget
