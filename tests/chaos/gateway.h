#ifndef BUDGET_TESTS_CHAOS_GATEWAY_H_
#define BUDGET_TESTS_CHAOS_GATEWAY_H_

#include <atomic>
#include <cstdint>
#include <random>

#include "tests/chaos/pulse.h"
#include "tests/chaos/recording_client.h"
#include "tests/chaos/resolver.h"

namespace budget::chaos {

// A gateway that makes one call after another, as its seed says: it reserves,
// then settles, releases, forgets or repeats. What stays unknown it leaves to
// the resolver. Runs in one thread.
class Gateway {
 public:
  // All must outlive this.
  Gateway(uint64_t seed, RecordingClient& client, Resolver& resolver,
          Pulse& pulse)
      : random_(seed), client_(client), resolver_(resolver), pulse_(pulse) {}

  void Run(const std::atomic<bool>& stop);

 private:
  Intent NewReserve();
  void RunReservation();
  void End(const Intent& reserve);
  void Settle(const Intent& reserve, Units used);
  Answer Do(const Intent& intent);
  int64_t Between(int64_t least, int64_t most);
  bool OneIn(int n) { return Between(1, n) == 1; }

  std::mt19937_64 random_;
  RecordingClient& client_;
  Resolver& resolver_;
  Pulse& pulse_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_GATEWAY_H_
