#ifndef BUDGET_TESTS_SIM_STORM_H_
#define BUDGET_TESTS_SIM_STORM_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "tests/sim/gateway.h"
#include "tests/sim/replica.h"
#include "tests/sim/scene.h"

namespace budget::sim {

// The faults that come by themselves, until the scene has healed.
class Storm {
 public:
  Storm(Scene& scene, std::vector<std::unique_ptr<Replica>>& replicas,
        std::vector<std::unique_ptr<Gateway>>& gateways)
      : scene_(scene), replicas_(replicas), gateways_(gateways) {}

  void Begin();

 private:
  // Again and again, `mean` apart; never if that is zero.
  void Every(absl::Duration mean, std::function<void()> fault);
  Replica& AnyReplica();
  void LeapAhead();
  void SetBack();

  Scene& scene_;
  std::vector<std::unique_ptr<Replica>>& replicas_;
  std::vector<std::unique_ptr<Gateway>>& gateways_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_STORM_H_
