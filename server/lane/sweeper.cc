#include "server/lane/sweeper.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"

namespace budget {
namespace {

constexpr int kRootsMax = 1000;
constexpr absl::Duration kPatience = absl::Seconds(30);
// Of all roots together: a busy root is due again soon after each.
constexpr int kPassesMax = 100;

}  // namespace

absl::StatusOr<int> SweepOnce(Store& store, Clock& clock,
                              Dispatcher& dispatcher) {
  absl::StatusOr<std::vector<std::string>> roots = store.RootsDue(kRootsMax);
  if (!roots.ok()) return roots.status();
  if (roots->empty()) return 0;
  std::vector<Operation> sweeps;
  for (std::string& root : *roots) {
    sweeps.push_back(Sweep{.root = std::move(root)});
  }
  absl::Status status;
  absl::Notification done;
  dispatcher.Submit(std::move(sweeps), {.deadline = clock.Now() + kPatience},
                    [&](std::vector<OperationResult> results) {
                      for (const OperationResult& result : results) {
                        if (result.outcome.ok()) continue;
                        status = absl::UnavailableError(
                            result.outcome.refusal->message);
                      }
                      done.Notify();
                    });
  done.WaitForNotification();
  if (!status.ok()) return status;
  return static_cast<int>(roots->size());
}

absl::Status SweepAll(Store& store, Clock& clock, Dispatcher& dispatcher) {
  for (int pass = 0; pass < kPassesMax; ++pass) {
    const absl::StatusOr<int> swept = SweepOnce(store, clock, dispatcher);
    if (!swept.ok()) return swept.status();
    if (*swept == 0) break;
  }
  return absl::OkStatus();
}

}  // namespace budget
