#include "server/lane/runner.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace budget {
namespace {

constexpr absl::Duration kRoomPauseMin = absl::Milliseconds(10);
constexpr absl::Duration kRoomPauseMax = absl::Milliseconds(250);

absl::Time LatestDeadline(absl::Span<const Part> parts) {
  absl::Time latest = absl::InfinitePast();
  for (const Part& part : parts) {
    latest = std::max(latest, part.submission->deadline);
  }
  return latest;
}

}  // namespace

void Runner::Run(Turn turn, absl::Span<const Part> parts) {
  std::vector<RootBatch> batches = GroupByRoot(parts);
  std::erase_if(batches, [&](const RootBatch& b) { return IsStopped(b); });
  if (batches.empty()) return;
  const int lane = turn.lane();
  const absl::Time deadline = LatestDeadline(parts);
  Pieces pieces(std::move(batches));
  RunFirst(std::move(turn), deadline, pieces);
  while (!pieces.empty()) RunFirst(lane, deadline, pieces);
}

void Runner::RunFirst(Turn turn, absl::Time deadline, Pieces& pieces) {
  const int lane = turn.lane();
  absl::Status status =
      RunInOneTransaction(pieces.first(), std::move(turn), deadline,
                          options_.decide, store_);
  if (absl::IsResourceExhausted(status)) {
    if (pieces.Halve()) return;
    status = RunOnceThereIsRoom(lane, deadline, pieces.first(), status);
  }
  if (status.ok()) return pieces.Ran();
  if (absl::IsInternal(status)) {
    if (pieces.DivideByRoot()) return;
    Stop(pieces.first().front().root, status);
  }
  pieces.Refuse(status);
}

// What cannot be divided: others have taken all there is, and asking often
// makes none.
absl::Status Runner::RunOnceThereIsRoom(int lane, absl::Time deadline,
                                        absl::Span<const RootBatch> batches,
                                        const absl::Status& no_room) {
  absl::Duration pause = kRoomPauseMin;
  while (true) {
    const absl::Duration left = deadline - clock_.Now();
    clock_.Sleep(std::clamp(left, absl::ZeroDuration(), pause));
    pause = std::min(2 * pause, kRoomPauseMax);
    const absl::Status status = RunInOneTransaction(
        batches, lane, deadline, options_.decide, store_);
    if (absl::IsDeadlineExceeded(status)) return no_room;
    if (!absl::IsResourceExhausted(status)) return status;
  }
}

bool Runner::IsStopped(const RootBatch& batch) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopped_roots_.contains(batch.root)) return false;
  }
  RefuseAll(batch, absl::InternalError(
                       "the root is stopped: an invariant of it is broken; "
                       "an operator must verify it and restart"));
  return true;
}

void Runner::Stop(const std::string& root, const absl::Status& why) {
  {
    absl::MutexLock lock(&mutex_);
    stopped_roots_.insert(root);
    meters_->roots_stopped.Set(static_cast<int64_t>(stopped_roots_.size()));
  }
  if (options_.on_broken) options_.on_broken(root, why);
}

}  // namespace budget
