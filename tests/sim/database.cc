#include "tests/sim/database.h"

#include <utility>

namespace budget::sim {

Database::Database(const Profile& profile, Events& events, Auditor& auditor,
                   const Planted& planted)
    : events_(events),
      decides_anew_(planted.decides_anew),
      locks_(static_cast<size_t>(profile.lanes)) {
  MemoryOptions options;
  options.clock = [this] { return Now(); };
  options.fault = [this] {
    return std::exchange(rolls_back_, false) ? Fault::kUnavailable
                                             : Fault::kNone;
  };
  options.on_commit = [&auditor, this](const WorkingSet& set,
                                       absl::Time now) {
    auditor.Committed(set, now, Now());
  };
  options.lanes = profile.lanes;
  options.due_per_transaction_max = profile.due_per_transaction_max;
  store_ = std::make_unique<MemoryStore>(std::move(options));
  if (planted.in_service) service_ = planted.in_service(*store_);
  if (planted.on_disk) disk_ = planted.on_disk(*store_);
  if (planted.besides) planted.besides(events);
}

void Database::AwaitTurn(int lane, absl::AnyInvocable<void()> begin) {
  LaneLock& lock = locks_[static_cast<size_t>(lane)];
  if (lock.taken) {
    lock.waiting.push_back(std::move(begin));
    return;
  }
  lock.taken = true;
  events_.After(absl::ZeroDuration(), std::move(begin));
}

void Database::EndTurn(int lane) {
  LaneLock& lock = locks_[static_cast<size_t>(lane)];
  lock.taken = !lock.waiting.empty();
  if (!lock.taken) return;
  events_.After(absl::ZeroDuration(), std::move(lock.waiting.front()));
  lock.waiting.pop_front();
}

}  // namespace budget::sim
