#ifndef BUDGET_TESTS_CHAOS_GATEWAY_H_
#define BUDGET_TESTS_CHAOS_GATEWAY_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "tests/chaos/pulse.h"
#include "tests/chaos/recording_client.h"
#include "tests/chaos/resolver.h"
#include "tests/chaos/wishes.h"

namespace budget::chaos {

// A gateway that does one round after another, as its seed says: it reserves,
// then adjusts, settles, releases, forgets or repeats, call by call or in
// Batches; or it records usage. What stays unknown it leaves to the resolver.
// Runs in one thread.
class Gateway {
 public:
  // All must outlive this.
  Gateway(uint64_t seed, RecordingClient& client, Resolver& resolver,
          Pulse& pulse)
      : wishes_(seed), client_(client), resolver_(resolver), pulse_(pulse) {}

  void Run(const std::atomic<bool>& stop);

 private:
  void RunRound();
  void RunReservation();
  void RunBatches();
  Answer Do(const Intent& intent);
  // All in one Batch; returns those that were answered with OK.
  std::vector<Intent> DoBatch(const std::vector<Intent>& intents);
  void Take(const Call& call, const Intent& intent);
  void Pause(int64_t millis_min, int64_t millis_max);

  Wishes wishes_;
  RecordingClient& client_;
  Resolver& resolver_;
  Pulse& pulse_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_GATEWAY_H_
