#ifndef BUDGET_METRICS_SURVEY_H_
#define BUDGET_METRICS_SURVEY_H_

#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/metrics/service_meters.h"

namespace budget {

// Looks at the database now and then for what no replica can count by itself:
// open holds and how far sweeping lags. Not thread-safe.
class Survey {
 public:
  // What was counted took a while to count: at most this share of the time is
  // spent on it, so that a database with millions of holds is asked less often.
  static constexpr int kTimesAsLong = 100;

  // `holds_interval`: how often holds are counted at most; zero: never. All
  // must outlive this.
  Survey(Store& store, Clock& clock, absl::Duration holds_interval,
         ServiceMeters& meters);

  // Call it every few seconds. Blocks on the database. What cannot be read is
  // unknown until it can.
  void Look();

 private:
  void LookAtHolds();

  Store& store_;
  Clock& clock_;
  const absl::Duration holds_interval_;
  ServiceMeters& meters_;
  absl::Time next_holds_ = absl::InfinitePast();
};

}  // namespace budget

#endif  // BUDGET_METRICS_SURVEY_H_
