#include "server/lane/line.h"

#include <algorithm>
#include <utility>

namespace budget {
namespace {

// Of each batch, what frees may take while holds wait.
constexpr double kShareOfFrees = 0.75;
// Of the newest batch, in what is learnt from it.
constexpr double kWeight = 0.25;

}  // namespace

Line::Line(size_t batch_operations_max)
    : batch_operations_max_(static_cast<double>(batch_operations_max)),
      room_for_holds_(batch_operations_max_) {}

void Line::Push(Part part) {
  Queue& queue = part.effect == Effect::kHolds ? holds_ : frees_;
  queue.operations += part.indexes.size();
  queue.parts.push_back(std::move(part));
}

absl::Time Line::LatestDeadline() const {
  absl::Time latest = absl::InfinitePast();
  for (const Queue* queue : {&frees_, &holds_}) {
    for (const Part& part : queue->parts) {
      latest = std::max(latest, part.submission->deadline);
    }
  }
  return latest;
}

// Frees that are yet to come will run before a hold that waits, so its batches
// are counted by the room that frees have lately left.
size_t Line::BatchesFor(Effect effect, size_t operations) const {
  const double room = effect == Effect::kHolds
                          ? room_for_holds_
                          : kShareOfFrees * batch_operations_max_;
  return static_cast<size_t>(static_cast<double>(operations) /
                             std::max(1.0, room));
}

size_t Line::Take(size_t operations_max, absl::Time now, LaneBatch& batch) {
  if (!holds_.parts.empty()) {
    owed_to_holds_ +=
        (1 - kShareOfFrees) * static_cast<double>(operations_max);
  }
  const size_t kept = std::min({holds_.operations, operations_max,
                                static_cast<size_t>(owed_to_holds_)});
  const size_t frees = TakeFrom(frees_, operations_max - kept, now, batch);
  const size_t room = operations_max - std::min(operations_max, frees);
  const size_t holds = TakeFrom(holds_, room, now, batch);
  owed_to_holds_ = holds_.parts.empty()
                       ? 0
                       : std::max(0.0, owed_to_holds_ -
                                           static_cast<double>(holds));
  room_for_holds_ += kWeight * (static_cast<double>(room) - room_for_holds_);
  return frees + holds;
}

size_t Line::TakeFrom(Queue& queue, size_t operations_max, absl::Time now,
                      LaneBatch& batch) {
  size_t taken = 0;
  while (!queue.parts.empty() && taken < operations_max) {
    Part part = std::move(queue.parts.front());
    queue.parts.pop_front();
    queue.operations -= part.indexes.size();
    const bool late = part.submission->deadline <= now;
    if (!late) taken += part.indexes.size();
    (late ? batch.late : batch.parts).push_back(std::move(part));
  }
  return taken;
}

}  // namespace budget
