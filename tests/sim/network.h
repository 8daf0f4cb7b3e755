#ifndef BUDGET_TESTS_SIM_NETWORK_H_
#define BUDGET_TESTS_SIM_NETWORK_H_

#include <functional>
#include <set>
#include <utility>

#include "absl/time/time.h"
#include "tests/sim/events.h"
#include "tests/sim/faults.h"
#include "tests/sim/profile.h"
#include "tests/sim/random.h"

namespace budget::sim {

// Carries messages between gateways and replicas: late, in another order,
// twice or never.
class Network {
 public:
  enum class Kind { kRequest, kReply };
  // A gateway and a replica.
  using Link = std::pair<int, int>;

  Network(const Profile& profile, Events& events, Random& random,
          FaultCounts& faults)
      : profile_(profile), events_(events), random_(random), faults_(faults) {}

  void Send(Kind kind, Link link, std::function<void()> deliver);

  // Nothing gets through on `link` for a while.
  void Cut(Link link, absl::Duration during);

  // No more faults.
  void Heal();

 private:
  absl::Duration Delay();

  const Profile& profile_;
  Events& events_;
  Random& random_;
  FaultCounts& faults_;
  bool healed_ = false;
  std::multiset<Link> cut_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_NETWORK_H_
