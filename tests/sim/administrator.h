#ifndef BUDGET_TESTS_SIM_ADMINISTRATOR_H_
#define BUDGET_TESTS_SIM_ADMINISTRATOR_H_

#include "tests/sim/caller.h"
#include "tests/sim/traffic.h"

namespace budget::sim {

// Changes caps, limits, freezes, prices and balances, beside others who do the
// same.
class Administrator {
 public:
  Administrator(Caller& caller, Traffic& traffic, Scene& scene)
      : caller_(caller), traffic_(traffic), scene_(scene) {}

  // First makes some of the tree of each root, then changes it until the load
  // stops.
  void Begin();

 private:
  void Next();

  Caller& caller_;
  Traffic& traffic_;
  Scene& scene_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_ADMINISTRATOR_H_
