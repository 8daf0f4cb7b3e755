#include "server/lane/lane.h"

#include <algorithm>
#include <utility>

namespace budget {
namespace {

// A batch that is under way for longer, and longer than batches take, is stuck.
constexpr absl::Duration kStuck = absl::Seconds(1);
// Of a full batch, the crowd's part where it gives way.
constexpr size_t kEighth = 8;
// So many of others take one of the crowd along.
constexpr size_t kTakeOneAlong = 4;
// Others who are served one call after the other come back within that.
constexpr absl::Duration kJustNow = absl::Milliseconds(100);

}  // namespace

Lane::Lane(const LaneOptions& options)
    : options_(options),
      others_(options.batch_operations_max),
      crowd_(options.batch_operations_max) {}

// How many operations stand before a part. A crowd stands behind both lines.
size_t Lane::WaitsFor(const Part& part) {
  size_t before = others_.operations(part.effect);
  if (part.crowds) before += crowd_.operations(part.effect);
  const Shares& shares = SharesOf(part.effect);
  return std::min(before, shares.IfAllWereLike(part.submission->caller));
}

// What joins the very next batch keeps the lane busy and nobody waiting: it is
// let in unless the batch before it is stuck.
absl::Duration Lane::WaitMax(const Part& part, size_t batches_ahead) const {
  if (part.effect == Effect::kOnlyFrees) return absl::InfiniteDuration();
  return batches_ahead == 0 ? std::max(kStuck, PaceOf(part).typical())
                            : options_.queue_wait_max;
}

Lane::Admission Lane::Push(Part& part, absl::Time now) {
  const Submission& submission = *part.submission;
  const size_t before = WaitsFor(part);
  const size_t batches = LineOf(part).BatchesFor(part.effect, before);
  const absl::Duration wait = PaceOf(part).Wait(batches, now);
  // What begins only when half of the caller's patience is gone may well be
  // answered when all of it is. Work for nobody is what an overload feeds on.
  const absl::Duration patience =
      std::min(WaitMax(part, batches), (submission.deadline - now) / 2);
  // A deadline that has passed has an answer of its own, given by Pop.
  const bool too_slow = wait > patience && submission.deadline > now;
  const bool let_in = !too_slow && before < options_.queue_operations_max;
  Shares& shares = SharesOf(part.effect);
  const bool crowds = (!let_in || wait > options_.queue_wait_max) &&
                      shares.HasItsShare(submission.caller);
  if (let_in) {
    shares.Add(submission.caller, part.indexes.size());
    LineOf(part).Push(std::move(part));
  }
  return {.let_in = let_in, .wait = wait, .crowds = crowds};
}

bool Lane::BecomesReady(absl::Time now) {
  if (busy_ || (others_.empty() && crowd_.empty())) return false;
  busy_ = true;
  pace_.Begin(now);
  crowd_pace_.Begin(now);
  return true;
}

absl::Time Lane::MayGrowUntil(absl::Time now, CrowdOnly size) const {
  const size_t others = std::min(others_.operations(), RoomOfOthers());
  const size_t crowd =
      std::min(crowd_.operations(), RoomOfCrowd(others, now, size));
  if (others + crowd >= options_.batch_operations_max) {
    return absl::InfinitePast();
  }
  return std::max(others_.LatestDeadline(), crowd_.LatestDeadline());
}

Lane::Batch Lane::Pop(absl::Time now, CrowdOnly size) {
  Batch batch;
  const size_t others = others_.Take(RoomOfOthers(), now, batch);
  crowd_.Take(RoomOfCrowd(others, now, size), now, batch);
  if (others > 0) others_served_ = now;
  for (const auto* parts : {&batch.parts, &batch.late}) {
    for (const Part& part : *parts) {
      SharesOf(part.effect).Remove(part.submission->caller,
                                   part.indexes.size());
    }
  }
  if (batch.parts.empty()) {
    pace_.Forget();
    crowd_pace_.Forget();
  }
  return batch;
}

size_t Lane::RoomOfOthers() const {
  const size_t batch_max = options_.batch_operations_max;
  if (crowd_.empty() || batch_max == 1) return batch_max;
  return batch_max - std::max(size_t{1}, batch_max / kEighth);
}

// In a batch that has so many of others.
size_t Lane::RoomOfCrowd(size_t others, absl::Time now, CrowdOnly size) const {
  const size_t batch_max = options_.batch_operations_max;
  if (others > 0) {
    const size_t room = batch_max - std::min(batch_max, others);
    return std::min(room, std::max(size_t{1}, others / kTakeOneAlong));
  }
  const bool others_come = now - others_served_ < kJustNow;
  return size == CrowdOnly::kSmall || others_come
             ? std::max(size_t{1}, batch_max / kEighth)
             : batch_max;
}

void Lane::Finish(absl::Time now) {
  busy_ = false;
  pace_.End(now);
  crowd_pace_.End(now);
}

}  // namespace budget
