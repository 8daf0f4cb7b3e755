#ifndef BUDGET_TESTS_SIM_GATEWAY_H_
#define BUDGET_TESTS_SIM_GATEWAY_H_

#include <functional>
#include <memory>

#include "tests/sim/caller.h"
#include "tests/sim/traffic.h"

namespace budget::sim {

// An AI gateway: reserves, streams reports that overtake each other, settles
// once or twice, in time or late, for less or more than it held, or releases,
// or dies in the middle. Between such conversations it asks for anything.
class Gateway {
 public:
  Gateway(Caller& caller, Traffic& traffic, Scene& scene)
      : caller_(caller), traffic_(traffic), scene_(scene) {}

  // Converses until the load stops.
  void Begin();

  // Forgets its calls, and begins anew.
  void Crash();

 private:
  struct Conversation {
    size_t root = 0;
    Reserve reserve;
    Amounts granted;
    absl::Duration length;
  };
  using Shared = std::shared_ptr<const Conversation>;

  void Next();
  void Converse(size_t root);
  void AskAnything(size_t root);
  void Dispatch(const Shared& conversation);
  void Report(const Shared& conversation, int percent);
  void End(const Shared& conversation);
  void SettleIt(const Shared& conversation);
  void Call(std::vector<Operation> operations, Caller::Done done = nullptr);
  // Not if it crashes before.
  void After(absl::Duration delay, std::function<void()> action);

  Caller& caller_;
  Traffic& traffic_;
  Scene& scene_;
  int life_ = 0;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_GATEWAY_H_
