#ifndef BUDGET_METRICS_VERIFY_WALK_H_
#define BUDGET_METRICS_VERIFY_WALK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/domain/store.h"
#include "server/metrics/service_meters.h"

namespace budget {

struct VerifyWalkOptions {
  // Pause between two roots, at least.
  absl::Duration interval = absl::Minutes(1);
  // A root with a longer ledger is left out: a read of it would hold up the
  // database's housekeeping for too long.
  int64_t entries_max = 1'000'000;
  // Where the walk begins, any text: replicas should not walk in step.
  std::string after;
  // Told of each root whose counters and ledger disagree.
  std::function<void(absl::string_view root, const VerifyReport& report)>
      on_drift;
};

// Compares counters with the ledger, one root after the other, for ever and
// slowly. Reads only. Not thread-safe.
class VerifyWalk {
 public:
  // A root that took long is followed by a longer pause: so many times.
  static constexpr int kTimesAsLong = 50;

  // All must outlive this.
  VerifyWalk(Store& store, Clock& clock, const VerifyWalkOptions& options,
             ServiceMeters& meters);

  // Looks at the next root if its time has come; call it every second or so.
  // Blocks on the database.
  void Step();

 private:
  void Verify(const std::string& root);
  void Note(const std::string& root, const VerifyReport& report);
  void BeginAnew();

  Store& store_;
  Clock& clock_;
  const VerifyWalkOptions options_;
  ServiceMeters& meters_;
  std::string after_;
  bool from_the_start_;
  absl::Time next_ = absl::InfinitePast();
  std::map<std::string, int64_t> drift_;  // discrepancies, where there are any
};

}  // namespace budget

#endif  // BUDGET_METRICS_VERIFY_WALK_H_
