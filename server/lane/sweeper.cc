#include "server/lane/sweeper.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"

namespace budget {
namespace {

constexpr int kRootsMax = 1000;
// No longer than callers wait who get into the same batch.
constexpr absl::Duration kPatience = absl::Seconds(5);
// Of all roots together: a busy root is due again soon after each.
constexpr int kPassesMax = 100;

// Those of `due` that are not in `failed`.
std::vector<Operation> SweepsOf(std::vector<std::string> due,
                                const std::set<std::string>& failed) {
  std::vector<Operation> sweeps;
  for (std::string& root : due) {
    if (failed.contains(root)) continue;
    sweeps.push_back(Sweep{.root = std::move(root)});
  }
  return sweeps;
}

std::vector<OperationResult> RunAll(std::vector<Operation> operations,
                                    absl::Time deadline,
                                    Dispatcher& dispatcher) {
  std::vector<OperationResult> all;
  absl::Notification done;
  dispatcher.Submit(std::move(operations), {.deadline = deadline},
                    [&](std::vector<OperationResult> results) {
                      all = std::move(results);
                      done.Notify();
                    });
  done.WaitForNotification();
  return all;
}

}  // namespace

absl::Status SweepAll(Store& store, Clock& clock, Dispatcher& dispatcher) {
  absl::Status status;
  std::set<std::string> failed;
  for (int pass = 0; pass < kPassesMax; ++pass) {
    absl::StatusOr<std::vector<std::string>> due = store.RootsDue(kRootsMax);
    if (!due.ok()) return due.status();
    const std::vector<Operation> sweeps = SweepsOf(*std::move(due), failed);
    if (sweeps.empty()) break;
    const std::vector<OperationResult> results =
        RunAll(sweeps, clock.Now() + kPatience, dispatcher);
    for (size_t i = 0; i < sweeps.size(); ++i) {
      if (results[i].outcome.ok()) continue;
      failed.emplace(RootOf(sweeps[i]));
      status = absl::UnavailableError(results[i].outcome.refusal->message);
    }
  }
  return status;
}

}  // namespace budget
