#ifndef BUDGET_TESTS_CHAOS_STAGE_H_
#define BUDGET_TESTS_CHAOS_STAGE_H_

#include <atomic>
#include <cstdint>
#include <random>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/chaos/cluster.h"
#include "tests/chaos/online_audit.h"

namespace budget::chaos {

// What a fault works on. Used by the main thread.
class Stage {
 public:
  Stage(Cluster& cluster, OnlineAudit& audit, uint64_t seed,
        const std::atomic<bool>& interrupted)
      : cluster_(cluster),
        audit_(audit),
        random_(seed),
        interrupted_(interrupted) {}

  Cluster& cluster() { return cluster_; }
  OnlineAudit& audit() { return audit_; }
  PostgresServer& database() { return cluster_.database(); }
  Replica& AnyReplica() {
    return cluster_.replica(Between(0, Cluster::kReplicas - 1));
  }

  int Between(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random_);
  }
  // Lets the fault last.
  void Last(int millis_min, int millis_max) {
    const absl::Time end =
        absl::Now() + absl::Milliseconds(Between(millis_min, millis_max));
    while (!interrupted_ && absl::Now() < end) {
      absl::SleepFor(absl::Milliseconds(10));
    }
  }
  // The same, and then until what it is for is `seen`, if that comes to pass
  // before long.
  bool LastUntil(int millis_min, int millis_max,
                 absl::FunctionRef<bool()> seen) {
    Last(millis_min, millis_max);
    return Within(kEvidencePatience, [&] { return seen() || interrupted_; }) &&
           !interrupted_;
  }
  bool interrupted() const { return interrupted_; }

 private:
  static constexpr absl::Duration kEvidencePatience = absl::Seconds(15);

  Cluster& cluster_;
  OnlineAudit& audit_;
  std::mt19937_64 random_;
  const std::atomic<bool>& interrupted_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_STAGE_H_
