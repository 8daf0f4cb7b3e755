#include "tests/sim/profile.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string>

namespace budget::sim {
namespace {

template <typename T>
T OneOf(Random& random, std::initializer_list<T> values) {
  return *(values.begin() + random.Below(static_cast<int64_t>(values.size())));
}

// Shortly before clocks change somewhere, years end or leap days begin.
absl::Time DrawStart(Random& random) {
  const char* text = OneOf<const char*>(
      random, {"2026-03-29T00:59:30Z", "2026-10-25T00:59:40Z",
               "2026-11-01T05:59:20Z", "2026-12-31T23:59:30Z",
               "2028-02-28T23:59:30Z", "2026-06-15T12:00:00Z"});
  absl::Time start;
  std::string error;
  absl::ParseTime(absl::RFC3339_full, text, &start, &error);
  return start + absl::Microseconds(random.Below(1'000'000));
}

// Half of the faults of messages and transactions are absent, the others
// between rare and frequent.
int64_t DrawRate(Random& random) {
  return OneOf<int64_t>(random, {0, 0, 0, 20, 100, 500});
}

absl::Duration DrawPause(Random& random) {
  return absl::Seconds(OneOf<int64_t>(random, {0, 0, 3, 10, 40}));
}

// A sixth of what the system can do, or less: about four operations come of a
// conversation, and both a pause and a batch take a quarter of their longest.
// And little beside what runs under faults.
constexpr absl::Duration kCalmPause = absl::Milliseconds(200);

absl::Duration CalmPause(const Profile& profile) {
  const absl::Duration needed = LongestOfABatch(profile) * 24 *
                                profile.gateways /
                                profile.batch_operations_max;
  return std::max({profile.pause_max, needed, profile.gateways * kCalmPause});
}

FaultRates DrawRates(Random& random) {
  FaultRates rates;
  for (int64_t* rate :
       {&rates.request_dropped, &rates.request_duplicated,
        &rates.reply_dropped, &rates.reply_duplicated, &rates.message_delayed,
        &rates.conflict, &rates.commit_lost, &rates.commit_in_doubt}) {
    *rate = DrawRate(random);
  }
  rates.killed_in_commit = DrawRate(random) / 5;
  for (absl::Duration* pause :
       {&rates.partition, &rates.replica_killed, &rates.replica_paused,
        &rates.storage_down, &rates.clock_leapt, &rates.clock_set_back,
        &rates.gateway_crashed}) {
    *pause = DrawPause(random);
  }
  rates.no_room = DrawRate(random);
  return rates;
}

}  // namespace

absl::Duration LongestOfABatch(const Profile& profile) {
  const int at_once = profile.replicas * std::min({profile.workers,
                                                   profile.lanes,
                                                   profile.roots});
  return std::max(profile.transaction_max,
                  (profile.transaction_max + profile.message_max) / at_once);
}

Profile DrawProfile(Random& random) {
  Profile profile;
  profile.start = DrawStart(random);
  profile.roots = OneOf(random, {1, 2, 3, 4, 6, 8});
  profile.lanes = OneOf(random, {1, 2, 4});
  profile.replicas = OneOf(random, {1, 2, 3, 3, 5, 8});
  profile.gateways = OneOf(random, {2, 5, 10, 20, 40});
  profile.administrators = OneOf(random, {1, 1, 2, 3});
  profile.workers = OneOf(random, {1, 2, 4});
  profile.batch_operations_max = OneOf(random, {1, 4, 16, 512});
  profile.queue_operations_max = OneOf(random, {64, 256, 10'000});
  profile.due_per_transaction_max = OneOf<int64_t>(random, {3, 2000, 2000});
  profile.message_max = absl::Milliseconds(OneOf(random, {1, 3, 10, 50}));
  profile.transaction_max = absl::Milliseconds(OneOf(random, {2, 5, 20}));
  profile.pause_max = absl::Milliseconds(OneOf(random, {100, 400, 1500}));
  profile.calm_pause_max = CalmPause(profile);
  profile.ttl_max = absl::Seconds(OneOf(random, {2, 10, 60}));
  profile.retention = absl::Hours(24 * 90);
  profile.credits_chains = random.OneIn(3);
  profile.rates = DrawRates(random);
  // Where the clock is set back after a purge, an id could be young again.
  if (random.OneIn(2) && profile.rates.clock_set_back == absl::ZeroDuration()) {
    profile.purges = true;
    profile.retention = absl::Seconds(OneOf(random, {20, 60}));
  }
  return profile;
}

}  // namespace budget::sim
