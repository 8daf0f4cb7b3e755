#ifndef BUDGET_METRICS_SERVICE_METERS_H_
#define BUDGET_METRICS_SERVICE_METERS_H_

#include <array>
#include <atomic>

#include "server/base/meter.h"

namespace budget {

// What is known of the service as a whole. Thread-safe.
struct ServiceMeters {
  // A number that is not always known.
  static constexpr int64_t kUnknown = -1;

  Gauge ready;  // 1 or 0
  Gauge database_up;
  EventCount log_lines_dropped;

  ServiceMeters() {
    sweeper_lag_nanos.Set(kUnknown);
    open_reservations.Set(kUnknown);
    verify_last_pass_nanos.Set(kUnknown);
    seal_lag_nanos.Set(kUnknown);
    seal_broken_roots.Set(kUnknown);
  }

  // By Survey. kUnknown while the database does not tell.
  Gauge sweeper_lag_nanos;
  Gauge open_reservations;
  std::array<Gauge, 3> held;  // by Unit, while the above is known

  // By VerifyWalk.
  Gauge verify_drift;
  EventCount verify_clean;
  EventCount verify_drifted;
  EventCount verify_skipped;
  EventCount verify_failed;
  Gauge verify_last_pass_nanos;  // Unix time

  // By SealWalk; and by whoever seals, kUnknown where nobody does.
  Gauge seal_lag_nanos;
  Gauge seal_broken_roots;
};

}  // namespace budget

#endif  // BUDGET_METRICS_SERVICE_METERS_H_
