#include "server/lane/lane.h"

#include <algorithm>
#include <utility>

namespace budget {
namespace {

// Of each batch, what frees may take while holds wait.
constexpr double kShareOfFrees = 0.75;
// A batch that is under way for longer, and longer than batches take, is stuck.
constexpr absl::Duration kStuck = absl::Seconds(1);
// Of the newest batch, in what is learnt from it.
constexpr double kWeight = 0.25;

}  // namespace

Lane::Lane(const LaneOptions& options)
    : options_(options),
      room_for_holds_(static_cast<double>(options.batch_operations_max)) {}

// Frees that are yet to come will run before a hold that waits, so its batches
// are counted by the room that frees have lately left.
size_t Lane::BatchesAhead(const Part& part) const {
  const size_t ahead = QueueOf(part.effect)
                           .shares()
                           .Before(part.submission->caller,
                                   part.indexes.size());
  const auto batch_max = static_cast<double>(options_.batch_operations_max);
  const double room = part.effect == Effect::kHolds
                          ? room_for_holds_
                          : kShareOfFrees * batch_max;
  return static_cast<size_t>(static_cast<double>(ahead) / std::max(1.0, room));
}

// What joins the very next batch keeps the lane busy and nobody waiting: it is
// let in unless the batch before it is stuck.
absl::Duration Lane::WaitMax(Effect effect, size_t batches_ahead) const {
  if (effect == Effect::kOnlyFrees) return absl::InfiniteDuration();
  return batches_ahead == 0 ? std::max(kStuck, pace_.typical())
                            : options_.queue_wait_max;
}

std::optional<absl::Duration> Lane::Push(Part& part, absl::Time now) {
  const Submission& submission = *part.submission;
  const size_t batches_ahead = BatchesAhead(part);
  const absl::Duration wait = pace_.Wait(batches_ahead, now);
  // What begins only when half of the caller's patience is gone may well be
  // answered when all of it is. Work for nobody is what an overload feeds on.
  const absl::Duration patience = std::min(
      WaitMax(part.effect, batches_ahead), (submission.deadline - now) / 2);
  // A deadline that has passed has an answer of its own, given by Pop.
  const bool too_slow = wait > patience && submission.deadline > now;
  PartQueue& queue = part.effect == Effect::kHolds ? holds_ : frees_;
  if (too_slow || !queue.shares().HasRoom(submission.caller,
                                          options_.queue_operations_max)) {
    return std::max(wait, options_.queue_wait_max);
  }
  const size_t operations = part.indexes.size();
  queue.Push(submission.caller, operations, std::move(part));
  return std::nullopt;
}

bool Lane::PushWhatFrees(Part& part, absl::Time now) {
  if (part.effect == Effect::kOnlyFrees) return false;
  Part holding = part;
  Part freeing = TakeWhatFrees(holding);
  if (freeing.indexes.empty() || Push(freeing, now)) return false;
  part = std::move(holding);
  part.submission->parts_open.fetch_add(1);
  return true;
}

bool Lane::BecomesReady(absl::Time now) {
  if (busy_ || (frees_.empty() && holds_.empty())) return false;
  busy_ = true;
  pace_.Begin(now);
  return true;
}

absl::Time Lane::MayGrowUntil() const {
  if (frees_.shares().total() + holds_.shares().total() >=
      options_.batch_operations_max) {
    return absl::InfinitePast();
  }
  absl::Time latest = absl::InfinitePast();
  const auto look = [&](const Part& part) {
    latest = std::max(latest, part.submission->deadline);
  };
  frees_.ForEach(look);
  holds_.ForEach(look);
  return latest;
}

Lane::Batch Lane::Pop(absl::Time now) {
  const size_t batch_max = options_.batch_operations_max;
  if (!holds_.empty()) {
    owed_to_holds_ += (1 - kShareOfFrees) * static_cast<double>(batch_max);
  }
  const size_t kept = std::min({holds_.shares().total(), batch_max,
                                static_cast<size_t>(owed_to_holds_)});
  Batch batch;
  const size_t frees = Take(frees_, batch_max - kept, now, batch);
  const size_t room = batch_max - std::min(batch_max, frees);
  const size_t holds = Take(holds_, room, now, batch);
  owed_to_holds_ = holds_.empty()
                       ? 0
                       : std::max(0.0, owed_to_holds_ -
                                           static_cast<double>(holds));
  room_for_holds_ += kWeight * (static_cast<double>(room) - room_for_holds_);
  if (batch.parts.empty()) pace_.Forget();
  return batch;
}

size_t Lane::Take(PartQueue& queue, size_t operations_max, absl::Time now,
                  Batch& batch) {
  size_t taken = 0;
  while (!queue.empty() && taken < operations_max) {
    Part part = queue.Pop();
    const bool late = part.submission->deadline <= now;
    if (!late) taken += part.indexes.size();
    (late ? batch.late : batch.parts).push_back(std::move(part));
  }
  return taken;
}

void Lane::Finish(absl::Time now) {
  busy_ = false;
  pace_.End(now);
}

bool Lane::HasItsShare(const Part& part) const {
  return QueueOf(part.effect).shares().HasItsShare(part.submission->caller);
}

}  // namespace budget
