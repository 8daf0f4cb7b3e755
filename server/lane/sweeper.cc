#include "server/lane/sweeper.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"

namespace budget {
namespace {

constexpr int kRootsMax = 1000;
constexpr absl::Duration kPatience = absl::Seconds(30);

}  // namespace

absl::Status SweepOnce(Store& store, Clock& clock, Dispatcher& dispatcher) {
  absl::StatusOr<std::vector<std::string>> roots = store.RootsDue(kRootsMax);
  if (!roots.ok()) return roots.status();
  if (roots->empty()) return absl::OkStatus();
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
  return status;
}

}  // namespace budget
