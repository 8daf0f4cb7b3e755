#ifndef BUDGET_TESTS_SIM_REPLICA_H_
#define BUDGET_TESTS_SIM_REPLICA_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/lane/batch.h"
#include "server/lane/gate.h"
#include "server/lane/lane.h"
#include "server/lane/submission.h"
#include "tests/sim/connection.h"
#include "tests/sim/scene.h"

namespace budget::sim {

// A replica without threads. Gate, lanes, batches and transactions are the
// product's; what the Dispatcher does around them is done here by events, in
// the same order: a call enters, waits in its lane, a worker waits for the
// lane's turn, takes a batch, runs it in one transaction, or in pieces where
// there is no room, and answers.
class Replica {
 public:
  // The results, and of each the number of its transaction; 0: none.
  using Reply = std::function<void(std::vector<OperationResult> results,
                                   std::vector<int64_t> transactions)>;

  Replica(int number, Scene& scene);

  // A call arrives whose caller waits for `patience`.
  void Receive(std::vector<Operation> operations, absl::Duration patience,
               Reply reply);

  // A read of the chain of `path`, answered at once.
  void Read(const std::string& path);

  // Everything in it is gone, for `down_for`.
  void Kill(absl::Duration down_for);
  // Nothing moves in it for a while.
  void Pause(absl::Duration during);
  // It cannot reach the database for a while.
  void LoseStorage(absl::Duration during);

 private:
  struct Call;
  struct Run;

  void Start();
  void Submit(std::shared_ptr<Call> call);
  void Schedule(int lane);
  void Pump();
  void BeginLane(int lane);
  void TakeBatch(int lane);
  void Prepare(const std::shared_ptr<Run>& run);
  void Execute(const std::shared_ptr<Run>& run);
  void LookUp(const std::shared_ptr<Run>& run);
  void Ran(const std::shared_ptr<Run>& run);
  void GoOn(const std::shared_ptr<Run>& run);
  void AwaitTurn(const std::shared_ptr<Run>& run);
  void Orphan(Run& run);
  absl::Status Transact(Run& run, Fate fate);
  static void RecordTransaction(const Run& run, int64_t number);
  void TryAgainOrNot(const std::shared_ptr<Run>& run);
  void TryAgain(const std::shared_ptr<Run>& run);
  void GiveUp(const std::shared_ptr<Run>& run, const absl::Status& status);
  void Finish(Run& run);
  void Answer(const Part& part);
  void Sweep();
  Fate DrawFate();
  bool StorageIsDown() const;
  bool IsGone(const Run& run) const;
  // After `delay`, or when the replica moves again if that is later.
  void After(absl::Duration delay, std::function<void()> action);
  // The same, but not if it is killed before.
  void AfterIfAlive(absl::Duration delay, std::function<void()> action);
  absl::Time Clock() const { return scene_.events.now() + clock_error_; }

  const int number_;
  Scene& scene_;
  const absl::Duration clock_error_;
  Connection connection_;
  int life_ = 0;
  bool up_ = false;
  absl::Time paused_until_ = absl::InfinitePast();
  absl::Time storage_down_until_ = absl::InfinitePast();
  std::unique_ptr<Gate> gate_;
  std::vector<Lane> lanes_;
  std::deque<int> ready_;
  int busy_workers_ = 0;
  bool sweeping_ = false;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_REPLICA_H_
