#ifndef BUDGET_TESTS_SIM_EVENTS_H_
#define BUDGET_TESTS_SIM_EVENTS_H_

#include <cstdint>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "tests/sim/random.h"

namespace budget::sim {

// Virtual time: what is to happen, and when. Nothing else makes time pass.
// What is due at one moment happens in an order drawn by chance. Not
// thread-safe.
class Events {
 public:
  using Action = absl::AnyInvocable<void()>;

  Events(absl::Time start, Random& random) : now_(start), random_(random) {}

  absl::Time now() const { return now_; }
  // How many events have run: a moment in the order of all that happens.
  int64_t step() const { return step_; }

  void After(absl::Duration delay, Action action);

  // Runs the next event; false if there is none.
  bool RunNext();

 private:
  struct Event {
    absl::Time at;
    uint64_t order;
    int64_t number;
    Action action;
  };
  static bool Later(const Event& a, const Event& b);

  absl::Time now_;
  Random& random_;
  int64_t step_ = 0;
  int64_t scheduled_ = 0;
  std::vector<Event> heap_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_EVENTS_H_
