#ifndef BUDGET_METRICS_SEAL_WALK_H_
#define BUDGET_METRICS_SEAL_WALK_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/metrics/service_meters.h"

namespace budget {

// Looks for how long entries of the ledger have been without a seal, some roots
// at a time, for ever. It asks the database and not who seals: that nobody does
// is what it is to find. Reads only. Not thread-safe.
class SealWalk {
 public:
  static constexpr int kRootsAtOnce = 100;
  // A step that took long is followed by a longer pause: so many times.
  static constexpr int kTimesAsLong = 100;

  // All must outlive this.
  SealWalk(Store& store, Clock& clock, ServiceMeters& meters);

  // Looks at the next roots if their time has come; call it every few seconds.
  // Blocks on the database. What cannot be read is unknown until it can.
  void Step();

 private:
  absl::Status LookAtNext();
  absl::StatusOr<absl::Duration> LagOf(const std::string& root, int64_t last);
  void Note(const std::string& root, absl::Duration lag);
  absl::Duration LongestLag() const;

  Store& store_;
  Clock& clock_;
  ServiceMeters& meters_;
  std::string after_;
  absl::Time next_ = absl::InfinitePast();
  std::map<std::string, absl::Duration> lags_;  // where there are any
};

}  // namespace budget

#endif  // BUDGET_METRICS_SEAL_WALK_H_
