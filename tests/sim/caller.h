#ifndef BUDGET_TESTS_SIM_CALLER_H_
#define BUDGET_TESTS_SIM_CALLER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/operation.h"
#include "server/lane/dispatcher.h"
#include "tests/sim/replica.h"
#include "tests/sim/scene.h"

namespace budget::sim {

// What callers have been answered, all together.
struct Answers {
  std::map<Reason, int64_t> refused;
  int64_t ok = 0;
  // Calls that were under way when faults had stopped, or began later.
  int64_t after_healing = 0;
  int64_t after_healing_late = 0;  // or never
};

// Makes calls as the client library does: a deadline for each, UNAVAILABLE is
// tried again with backoff, at the next replica, under the same id; and as its
// users are told to: what was not answered is repeated until it is.
class Caller {
 public:
  using Done = std::function<void(const std::vector<OperationResult>&)>;

  Caller(int number, std::vector<std::unique_ptr<Replica>>& replicas,
         Answers& answers, Scene& scene)
      : number_(number), replicas_(replicas), answers_(answers),
        scene_(scene), replica_(static_cast<size_t>(number)) {}

  void Call(std::vector<Operation> operations, Done done);

  // Calls that have not been answered.
  size_t waiting() const { return pending_.size(); }
  // The operations of those.
  int64_t waiting_operations() const;

  // Forgets every call: nobody waits for their answers any more.
  void Crash();

  // Faults have stopped: calls are to be answered soon from now on.
  void Calm();

  // Counts what is still not answered.
  void Finish();

 private:
  struct Pending {
    std::vector<Operation> operations;
    Done done;
    absl::Time asked;     // first, or when faults had stopped
    absl::Time deadline;  // of the present call of the library
    int attempt = 0;
    int failures = 0;
    int64_t sent = 0;     // the present attempt, as a step
    bool over = false;
  };
  using Shared = std::shared_ptr<Pending>;

  void Begin(const Shared& pending);
  void Attempt(const Shared& pending);
  void Receive(const Shared& pending, int attempt,
               const std::vector<OperationResult>& results,
               const std::vector<int64_t>& transactions);
  // What a call asks of one root is done in the order in which it is asked.
  void CheckOrder(const Pending& pending,
                  const std::vector<OperationResult>& results,
                  const std::vector<int64_t>& transactions);
  void TryAgain(const Shared& pending);
  void Count(const Pending& pending,
             const std::vector<OperationResult>& results,
             const std::vector<int64_t>& transactions);
  void CountLateness(const Pending& pending);

  const int number_;
  std::vector<std::unique_ptr<Replica>>& replicas_;
  Answers& answers_;
  Scene& scene_;
  size_t replica_;
  std::set<Shared> pending_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_CALLER_H_
