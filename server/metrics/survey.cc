#include "server/metrics/survey.h"

#include <algorithm>

namespace budget {

Survey::Survey(Store& store, Clock& clock, absl::Duration holds_interval,
               ServiceMeters& meters)
    : store_(store),
      clock_(clock),
      holds_interval_(holds_interval),
      meters_(meters) {}

void Survey::Look() {
  const absl::StatusOr<absl::Duration> due = store_.LongestDue();
  meters_.sweeper_lag_nanos.Set(due.ok() ? absl::ToInt64Nanoseconds(*due)
                                         : ServiceMeters::kUnknown);
  if (holds_interval_ > absl::ZeroDuration() && clock_.Now() >= next_holds_) {
    LookAtHolds();
  }
}

void Survey::LookAtHolds() {
  const absl::Time began = clock_.Now();
  const absl::StatusOr<OpenHolds> holds = store_.ReadOpenHolds();
  const absl::Time ended = clock_.Now();
  next_holds_ =
      ended + std::max(holds_interval_, kTimesAsLong * (ended - began));
  if (!holds.ok()) {
    meters_.open_reservations.Set(ServiceMeters::kUnknown);
    return;
  }
  for (Unit unit : kUnits) {
    meters_.held[static_cast<size_t>(unit)].Set(holds->held[unit]);
  }
  meters_.open_reservations.Set(holds->reservations);
}

}  // namespace budget
