#ifndef BUDGET_TESTS_CHAOS_LOAD_H_
#define BUDGET_TESTS_CHAOS_LOAD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/chaos/history.h"
#include "tests/chaos/pulse.h"
#include "tests/chaos/recording_client.h"
#include "tests/chaos/resolver.h"
#include "tests/chaos/world.h"

namespace budget::chaos {

enum class Callers {
  kMixed,    // three of four try once, at a replica of theirs
  kPatient,  // all let the library repeat, at any replica
};

// All that talks to the replicas during a run: gateways, hasty ones that try
// once at a replica of theirs and patient ones that let the library repeat; an
// administrator who moves caps; an onlooker who reads; the resolver.
class Load {
 public:
  // `ids`, by root, name the limits that reads are of. All must outlive this.
  Load(const std::vector<std::string>& endpoints, uint64_t seed, int gateways,
       Callers callers, std::vector<RecordingClient::LimitIds> ids,
       History& history, Pulse& pulse);
  ~Load() { Stop(); }

  // Ends all but the resolver.
  void Stop();
  Resolver& resolver() { return resolver_; }

 private:
  void MoveCaps(uint64_t seed);
  void LookOn();

  const std::vector<RecordingClient::LimitIds> ids_;
  // Of gateways. Hasty ones know one replica only, so that all are busy
  // whoever was broken.
  std::vector<std::unique_ptr<RecordingClient>> clients_;
  RecordingClient patient_;
  RecordingClient stubborn_;  // for the resolver
  Resolver resolver_;
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_LOAD_H_
