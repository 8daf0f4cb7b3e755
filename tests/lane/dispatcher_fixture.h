#ifndef BUDGET_TESTS_LANE_DISPATCHER_FIXTURE_H_
#define BUDGET_TESTS_LANE_DISPATCHER_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "server/lane/dispatcher.h"
#include "tests/lane/fake_store.h"
#include "tests/support/virtual_clock.h"

namespace budget {

inline Uuid Id(uint8_t n) {
  Uuid id;
  id.bytes[15] = n;
  return id;
}

inline Operation ReserveOf(const std::string& path, uint8_t id) {
  Reserve reserve{.id = Id(id)};
  reserve.payload.Edit().allocations = {path};
  return reserve;
}

inline Operation SettleOf(const std::string& root, uint8_t id) {
  return Settle{.root = root, .id = Id(id)};
}

inline Operation ReleaseOf(const std::string& root, uint8_t id) {
  return Release{.root = root, .id = Id(id)};
}

// A root of another lane.
inline std::string OtherThanAcme() {
  const int lanes = FakeStore().lanes();
  std::string root = "n";
  while (LaneOf(root, lanes) == LaneOf("acme", lanes)) root += "n";
  return root;
}

// Another root of the same lane.
inline std::string OtherOfTheLaneOfAcme() {
  const int lanes = FakeStore().lanes();
  std::string root = "o";
  while (LaneOf(root, lanes) != LaneOf("acme", lanes)) root += "o";
  return root;
}

inline constexpr Dispatcher::Terms kLate = {.deadline = absl::InfinitePast()};

// What one submission was answered.
class Answer {
 public:
  Dispatcher::Done Callback() {
    return [state = state_](std::vector<OperationResult> results) {
      state->results = std::move(results);
      state->done.Notify();
    };
  }
  bool answered() const { return state_->done.HasBeenNotified(); }

  // Waits; one reason for each operation, or nullopt where it was served.
  std::vector<std::optional<Reason>> Reasons() const {
    state_->done.WaitForNotification();
    std::vector<std::optional<Reason>> reasons;
    for (const OperationResult& result : state_->results) {
      reasons.push_back(result.outcome.ok()
                            ? std::nullopt
                            : std::optional(result.outcome.refusal->reason));
    }
    return reasons;
  }

  // Waits; of the first operation, which was refused.
  std::optional<absl::Duration> RetryAfter() const {
    state_->done.WaitForNotification();
    return state_->results[0].outcome.refusal->retry_after;
  }

 private:
  struct State {
    absl::Notification done;
    std::vector<OperationResult> results;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

class DispatcherTest : public ::testing::Test {
 protected:
  void Start(DispatcherOptions options = {}) {
    dispatcher_ =
        std::make_unique<Dispatcher>(store_, clock_, nullptr, options);
  }
  Answer Submit(std::vector<Operation> operations,
                Dispatcher::Terms terms = {}) {
    if (terms.deadline == absl::Time()) terms.deadline = absl::InfiniteFuture();
    Answer answer;
    dispatcher_->Submit(std::move(operations), terms, answer.Callback());
    return answer;
  }
  // Keeps the lane of "acme" busy, so that what follows gathers.
  Answer OccupyAcme() {
    const size_t before = store_.transactions().size();
    store_.Close();
    Answer answer = Submit({SettleOf("acme", 200)});
    store_.AwaitBegun(before + 1);
    return answer;
  }

  testing::VirtualClock clock_;
  FakeStore store_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

}  // namespace budget

#endif  // BUDGET_TESTS_LANE_DISPATCHER_FIXTURE_H_
