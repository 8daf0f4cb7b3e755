#include "tests/sim/storm.h"

#include <utility>

namespace budget::sim {

Replica& Storm::AnyReplica() {
  return *replicas_[static_cast<size_t>(
      scene_.random.Below(static_cast<int64_t>(replicas_.size())))];
}

void Storm::Every(absl::Duration mean, std::function<void()> fault) {
  if (mean == absl::ZeroDuration()) return;
  scene_.events.After(
      scene_.random.Between(absl::ZeroDuration(), 2 * mean),
      [this, mean, fault = std::move(fault)] {
        if (scene_.healed) return;
        fault();
        Every(mean, fault);
      });
}

void Storm::Begin() {
  const FaultRates& rates = scene_.profile.rates;
  Random& random = scene_.random;
  Every(rates.partition, [this, &random] {
    const auto gateways = static_cast<int64_t>(gateways_.size());
    const auto replicas = static_cast<int64_t>(replicas_.size());
    const auto gateway = static_cast<int>(random.Below(gateways));
    scene_.network.Cut({gateway, static_cast<int>(random.Below(replicas))},
                       random.Mostly(absl::Seconds(6)));
  });
  Every(rates.replica_killed, [this, &random] {
    AnyReplica().Kill(random.Mostly(absl::Seconds(4)));
  });
  Every(rates.replica_paused, [this, &random] {
    AnyReplica().Pause(random.Mostly(absl::Seconds(8)));
  });
  Every(rates.storage_down, [this, &random] {
    AnyReplica().LoseStorage(random.Mostly(absl::Seconds(6)));
  });
  Every(rates.clock_leapt, [this] { LeapAhead(); });
  Every(rates.clock_set_back, [this] { SetBack(); });
  Every(rates.gateway_crashed, [this, &random] {
    const auto gateways = static_cast<int64_t>(gateways_.size());
    gateways_[static_cast<size_t>(random.Below(gateways))]->Crash();
  });
}

// Mostly by some seconds, now and then past whole windows.
void Storm::LeapAhead() {
  ++scene_.faults[FaultKind::kClockLeapt];
  const int64_t how_far = scene_.random.Below(20);
  const absl::Duration most = how_far < 12   ? absl::Seconds(90)
                              : how_far < 17 ? absl::Minutes(90)
                              : how_far < 19 ? absl::Hours(30)
                                             : absl::Hours(24 * 40);
  scene_.database.Leap(scene_.random.Between(absl::ZeroDuration(), most));
}

void Storm::SetBack() {
  ++scene_.faults[FaultKind::kClockSetBack];
  scene_.database.Leap(-scene_.random.Mostly(absl::Minutes(10)));
}

}  // namespace budget::sim
