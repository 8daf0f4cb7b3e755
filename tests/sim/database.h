#ifndef BUDGET_TESTS_SIM_DATABASE_H_
#define BUDGET_TESTS_SIM_DATABASE_H_

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "server/store/memory/memory_store.h"
#include "tests/sim/auditor.h"
#include "tests/sim/events.h"
#include "tests/sim/profile.h"

namespace budget::sim {

// The one database of a simulation: the store in memory with a clock that may
// be wrong, and the locks of the lanes. A transaction takes effect in one
// moment; which comes when is up to the events.
class Database {
 public:
  // A planted bug, as stores around the real one, as events beside it or in
  // how connections use it; for the tests of the checks. Each may be null.
  using Wrap = std::function<std::unique_ptr<Store>(Store&)>;
  struct Planted {
    Wrap in_service;  // what replicas work with
    Wrap on_disk;     // what is found there in the end
    std::function<void(Events&)> besides;  // begins it
    bool decides_anew = false;  // every other commit is taken for lost
  };

  Database(const Profile& profile, Events& events, Auditor& auditor,
           const Planted& planted);

  Store& store() { return service_ ? *service_ : *store_; }
  // What is really there, whatever replicas work with.
  Store& truth() { return disk_ ? *disk_ : *store_; }

  // To the microsecond, as PostgreSQL keeps it.
  absl::Time Now() const {
    return absl::FromUnixMicros(absl::ToUnixMicros(events_.now() + offset_));
  }
  // Sets the clock ahead, or back.
  void Leap(absl::Duration by) { offset_ += by; }

  // The next commit of changes is rolled back.
  void RollBackNext() { rolls_back_ = true; }
  void RollBackNothing() { rolls_back_ = false; }

  bool decides_anew() const { return decides_anew_; }

  // Calls `begin` when the lane is free, which is then taken until EndTurn.
  void AwaitTurn(int lane, absl::AnyInvocable<void()> begin);
  void EndTurn(int lane);

 private:
  struct LaneLock {
    bool taken = false;
    std::deque<absl::AnyInvocable<void()>> waiting;
  };

  Events& events_;
  const bool decides_anew_;
  absl::Duration offset_;
  bool rolls_back_ = false;
  std::unique_ptr<MemoryStore> store_;
  std::unique_ptr<Store> service_;
  std::unique_ptr<Store> disk_;
  std::vector<LaneLock> locks_;
};

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_DATABASE_H_
