#include "tests/bench/domain_speed.h"

#include <time.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
#include "tests/bench/operations.h"

namespace budget::bench {
namespace {

constexpr int kBatch = 512;

absl::Duration CpuTime() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

LimitSpec MakeLimit(int n) {
  constexpr int64_t kCap = int64_t{1} << 60;
  switch (n) {
    case 0:
      return {.name = "usd", .unit = Unit::kUsdNanos, .cap = kCap};
    case 1:
      return {.name = "tokens-month",
              .unit = Unit::kTokens,
              .window = Window::Calendar(CalendarPeriod::kMonth, "UTC",
                                         absl::UTCTimeZone()),
              .cap = kCap};
    default:
      return {.name = "requests-hour",
              .unit = Unit::kRequests,
              .window = Window::Rolling(absl::Hours(1)),
              .cap = kCap};
  }
}

// A root as a store would load it again and again, without the store.
class World {
 public:
  explicit World(const DomainLoad& load) {
    set_.root.name = "bench";
    path_ = set_.root.name;
    for (int level = 0; level < load.depth; ++level) {
      if (level > 0) absl::StrAppend(&path_, "/l", level);
      CreateAllocation create{.context = {.request_id = NewId()},
                              .path = path_};
      for (int n = 0; n < load.limits; ++n) {
        create.limits.push_back(MakeLimit(n));
      }
      const Operation operation = create;
      const Operation* only = &operation;
      Decide({&only, 1}, now_, {}, set_);
      Keep();
    }
  }

  // Decides the next batch and returns the CPU time that took.
  absl::Duration RunBatch() {
    const std::vector<Operation> operations = MakeBatch();
    std::vector<const Operation*> pointers;
    for (const Operation& operation : operations) {
      pointers.push_back(&operation);
    }
    now_ += absl::Milliseconds(10);
    const absl::Duration before = CpuTime();
    {
      const std::vector<Outcome> outcomes = Decide(pointers, now_, {}, set_);
      all_ok_ = all_ok_ && std::all_of(outcomes.begin(), outcomes.end(),
                                       [](const auto& o) { return o.ok(); });
    }
    const absl::Duration taken = CpuTime() - before;
    Keep();
    return taken;
  }

  bool all_ok() const { return all_ok_; }

 private:
  Uuid NewId() {
    ++ids_;
    return Uuid::Version7(now_, {ids_, ids_ * 0x9E3779B97F4A7C15});
  }

  std::vector<Operation> MakeBatch() {
    std::vector<Operation> operations;
    for (const Uuid& id : open_) {
      operations.push_back(SettleOf(path_, id));
    }
    open_.clear();
    for (int i = 0; i < kBatch / 2; ++i) {
      open_.push_back(NewId());
      operations.push_back(ReserveOn(path_, open_.back()));
    }
    return operations;
  }

  // Makes what was changed look as if it had been stored and loaded.
  void Keep() {
    set_.root.exists = true;
    set_.entries.clear();
    set_.changed_allocations.clear();
    set_.changed_limits.clear();
    set_.new_requests.clear();
    for (auto& [pin, slot] : set_.counters) {
      slot.exists = true;
      slot.changed = false;
      slot.stored = slot.counter.tally;
    }
    absl::erase_if(set_.reservations, [](const auto& item) {
      return !item.second.reservation.IsOpen();
    });
    for (auto& [id, slot] : set_.reservations) {
      slot.exists = true;
      slot.changed = false;
    }
  }

  WorkingSet set_;
  std::string path_;
  absl::Time now_ = absl::FromUnixSeconds(1'795'302'000);
  uint64_t ids_ = 0;
  std::vector<Uuid> open_;
  bool all_ok_ = true;
};

}  // namespace

double MeasureDomain(const DomainLoad& load) {
  World world(load);
  for (int i = 0; i < 4; ++i) world.RunBatch();
  absl::Duration taken;
  int64_t operations = 0;
  while (taken < load.cpu_time) {
    taken += world.RunBatch();
    operations += kBatch;
  }
  if (!world.all_ok()) return 0;
  return static_cast<double>(operations) / absl::ToDoubleSeconds(taken) / 1e6;
}

}  // namespace budget::bench
